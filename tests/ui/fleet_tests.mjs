// All groups at a glance.
import assert from 'node:assert/strict';

import {ask, card, pageTest, signIn, until, world} from './browser.mjs';

const ALL = ['carts', 'keys', 'labels', 'ledger', 'moving', 'orders', 'sessions', 'vault'];
const shown = (page) => page.locator('.card:visible h2').allTextContents();

pageTest('every group is shown with its members, and those that need attention first', async (page) => {
  await signIn(page);
  await card(page, 'rented', world.other).waitFor();
  const names = await shown(page);
  assert.equal(names.length, ALL.length + 1);
  assert.equal(names[0], `${world.shop}/sessions`, 'an alarm is not the first');
  assert.equal(names[1], `${world.shop}/carts`, 'a warning is not the next');
  assert.match(await page.title(), /^\(2\) Groups/);

  const orders = card(page, 'orders');
  await orders.getByText('Healthy').waitFor();
  const primary = await ask('primary', {group: 'orders'});
  const picture = await orders.getByRole('img').getAttribute('aria-label');
  assert.ok(picture.includes(`${primary}: primary, ready, zone zone-`), picture);
  assert.equal(picture.match(/standby, ready/g).length, 2);

  const carts = card(page, 'carts');
  await carts.getByText('Degraded').waitFor();
  assert.match(await carts.getByRole('img').getAttribute('aria-label'), /standby, not ready/);
  await card(page, 'sessions').getByText('Failover blocked: Manual').waitFor();
  await card(page, 'vault').getByText('Paused').waitFor();
  await card(page, 'ledger').getByText('Planned switchovers are disabled.').waitFor();
});

pageTest('the filter looks at namespace, group, pod and zone', async (page) => {
  await signIn(page);
  await card(page, 'orders').waitFor();
  const filter = page.getByLabel('Filter');
  for (const [text, names] of [
    ['orders', [`${world.shop}/orders`]], [world.other, [`${world.other}/rented`]], ['ledger-2', [`${world.shop}/ledger`]],
    ['shop vault', [`${world.shop}/vault`]], ['ORDERS zone-a', [`${world.shop}/orders`]], ['nobody-has-this', []]]) {
    await filter.fill(text);
    await until(async () => JSON.stringify(await shown(page)) === JSON.stringify(names), async () => `${text}: ${await shown(page)}`);
  }
  await page.getByText('No group matches the filter.').waitFor();
  await page.getByRole('status').filter({hasText: '0 of 9 groups'}).waitFor();
  await filter.fill('');
  await until(async () => (await shown(page)).length === ALL.length + 1, 'not all are back');
});

pageTest('groups that need attention, and those of a phase, alone', async (page) => {
  await signIn(page);
  const attention = page.getByRole('button', {name: 'Needs attention 2'});
  await attention.click();
  assert.equal(await page.getByRole('button', {name: 'Needs attention 2'}).getAttribute('aria-pressed'), 'true');
  assert.deepEqual(await shown(page), [`${world.shop}/sessions`, `${world.shop}/carts`]);
  await page.getByRole('button', {name: 'Degraded 1'}).click();
  assert.deepEqual(await shown(page), [`${world.shop}/carts`]);
  await page.getByRole('button', {name: 'Degraded 1'}).click();
  await page.getByRole('button', {name: 'Needs attention 2'}).click();
  assert.equal((await shown(page)).length, ALL.length + 1);
});

pageTest('a change of one group leaves the other cards as they were', async (page) => {
  await signIn(page);
  const pod = `labels-${(await ask('primary', {group: 'labels'})).endsWith('2') ? 1 : 2}`;
  await card(page, 'labels').getByText('Healthy').waitFor();
  await page.evaluate(() => document.querySelectorAll('.card').forEach((element) => {
    element.seenBefore = true;
  }));
  await ask('ready', {pod, ready: false});
  await card(page, 'labels').getByText('Degraded').waitFor();
  const kept = await page.evaluate(() => [...document.querySelectorAll('.card')].filter((element) => !element.seenBefore).length);
  assert.equal(kept, 1, 'more than the one card was made anew');
  await ask('ready', {pod, ready: true});
  await card(page, 'labels').getByText('Healthy').waitFor();
});

pageTest('it fits a narrow screen', async (page) => {
  await signIn(page);
  await card(page, 'orders').waitFor();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 360, 'the groups are too wide');
  await page.getByRole('link', {name: `${world.shop}/orders`}).click();
  await page.locator('.timeline').waitFor();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 360, 'the group is too wide');
}, {viewport: {width: 360, height: 740}});
