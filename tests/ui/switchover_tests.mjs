// A switchover by the page, and what keeps one from being made.
import assert from 'node:assert/strict';

import {ask, fact, openGroup, pageTest, until, world} from './browser.mjs';

const dialog = (page) => page.getByRole('dialog', {name: `Switch over ${world.shop}/`});
const verdict = (page) => dialog(page).locator('.verdict');
const go = (page) => dialog(page).getByRole('button', {name: 'Switch over'});
const dryRun = (page) => dialog(page).getByRole('button', {name: 'Dry run'}).click();

async function begin(page, group) {
  await openGroup(page, group);
  await page.getByRole('button', {name: 'Switch over'}).click();
  await dialog(page).waitFor();
}

async function choosePod(page, pod) {
  await dialog(page).getByRole('combobox', {name: 'Pod'}).selectOption(pod);
}

const others = (primary) => [0, 1, 2].map((i) => primary.replace(/\d$/, i)).filter((pod) => pod !== primary);

pageTest('a dry run, then the switchover, phase by phase to its end', async (page) => {
  const before = await ask('primary', {group: 'orders'});
  const epoch = await ask('epoch', {group: 'orders'});
  const [target, other] = others(before);
  await begin(page, 'orders');
  assert.equal(await go(page).isDisabled(), true, 'without a dry run');
  await choosePod(page, target);
  await dialog(page).getByLabel('Why').fill('a test of the page');
  await dryRun(page);
  await verdict(page).getByText(`${target} would get the role from ${before}. Nothing was changed.`).waitFor();
  const standing = (pod) => dialog(page).getByRole('row').filter({has: page.getByRole('rowheader', {name: pod})});
  await standing(target).getByText('would be taken').waitFor();
  await standing(other).waitFor();
  assert.equal(await ask('primary', {group: 'orders'}), before, 'a dry run changed something');
  assert.equal(await go(page).isDisabled(), false);

  // Another choice is another dry run.
  await choosePod(page, other);
  assert.equal(await go(page).isDisabled(), true, 'for another pod than was tried');
  await choosePod(page, target);
  assert.equal(await go(page).isDisabled(), false);

  await ask('hold', {group: 'orders', hook: 'demote'});
  await go(page).click();
  await dialog(page).locator('.step.Running').filter({hasText: 'Demoting'}).waitFor();
  await ask('release', {group: 'orders', hook: 'demote'});
  await verdict(page).getByText(`${target} has the role, at epoch ${epoch + 1}.`).waitFor();
  await verdict(page).getByText('Succeeded').waitFor();
  assert.ok(await dialog(page).locator('.step.Done').count() >= 4);
  assert.equal(await ask('primary', {group: 'orders'}), target);

  await dialog(page).getByRole('button', {name: 'Close'}).click();
  await fact(page, 'Primary').getByText(target).waitFor();
  await page.getByRole('region', {name: 'Table of role changes'}).getByRole('row').filter({hasText: before}).filter({hasText: target}).first().waitFor();
  const asked = page.getByRole('list', {name: 'Requests'}).getByRole('listitem').filter({hasText: 'Planned, to'}).filter({hasText: 'keeper'});
  await until(async () => await asked.count() === 2, 'the dry run and the switchover are not in the list');
  await asked.first().locator('summary').click();
  await asked.first().getByText('a test of the page').waitFor();
  await ask('settled', {group: 'orders'});
});

pageTest('to a zone', async (page) => {
  await begin(page, 'orders');
  const select = dialog(page).getByRole('combobox', {name: 'Zone'});
  const zone = await select.inputValue();
  await select.selectOption(zone);
  await dialog(page).getByLabel('The best in this zone').check();
  await dryRun(page);
  await dialog(page).getByRole('row').filter({hasText: 'would be taken'}).getByText(zone, {exact: true}).waitFor();
  await dialog(page).getByText(`asked for was zone ${zone}`).first().waitFor();
});

pageTest('a paused group refuses, and its reason is shown', async (page) => {
  await begin(page, 'vault');
  await dryRun(page);
  await verdict(page).locator('.reason').getByText('Paused').waitFor();
  await verdict(page).getByText('Nothing begins until that is false.').waitFor();
  assert.equal(await go(page).isDisabled(), true);
  await dialog(page).getByText('The dry run was refused, so would the switchover be.').waitFor();
});

pageTest('a pod that may not get the role is refused by name, and each pod’s standing told', async (page) => {
  await begin(page, 'carts');
  const option = dialog(page).getByRole('combobox', {name: 'Pod'}).locator('option', {hasText: '(not ready)'});
  const pod = await option.getAttribute('value');
  await choosePod(page, pod);
  await dryRun(page);
  await verdict(page).locator('.reason').getByText('CandidateNotEligible').waitFor();
  await dialog(page).getByText('is not ready').first().waitFor();
  assert.equal(await go(page).isDisabled(), true);
});

pageTest('where planned switchovers are disabled, Forced takes the typed name', async (page) => {
  const before = await ask('primary', {group: 'ledger'});
  await begin(page, 'ledger');
  await dryRun(page);
  await verdict(page).locator('.reason').getByText('Disabled').waitFor();
  await dialog(page).getByLabel('Forced').check();
  await dialog(page).getByText(`Goes on without the consent of ${before}.`).waitFor();
  await dryRun(page);
  await verdict(page).getByText('would get the role').waitFor();
  assert.equal(await go(page).isDisabled(), true, 'without the typed name');
  await dialog(page).getByLabel('Type the group’s name').fill('ledge');
  assert.equal(await go(page).isDisabled(), true, 'with a wrong name');
  await dialog(page).getByLabel('Type the group’s name').fill('ledger');
  await go(page).click();
  await verdict(page).getByText('Succeeded').waitFor();
  assert.notEqual(await ask('primary', {group: 'ledger'}), before);
});

pageTest('a primary that changed after the dry run is not switched over unseen', async (page) => {
  const before = await ask('primary', {group: 'moving'});
  await begin(page, 'moving');
  await dryRun(page);
  await until(async () => !await go(page).isDisabled(), 'the dry run does not end');
  await ask('request', {name: 'past-the-page', group: 'moving', candidate: others(before)[1]});
  await ask('ended', {name: 'past-the-page'});
  await dialog(page).getByText(`The primary was ${before} and is ${others(before)[1]} by now.`).waitFor();
  assert.equal(await go(page).isDisabled(), true);
});
