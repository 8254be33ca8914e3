// One group: members, conditions, history.
import assert from 'node:assert/strict';

import {ask, fact, openGroup, pageTest, signIn, world} from './browser.mjs';

pageTest('members, conditions and history of a healthy group', async (page) => {
  await openGroup(page, 'orders');
  const primary = await ask('primary', {group: 'orders'});
  const members = page.getByRole('region', {name: 'Table of members'});
  const row = members.getByRole('row').filter({has: page.getByRole('rowheader', {name: primary})});
  await row.getByText('primary', {exact: true}).waitFor();
  await row.getByText('ready', {exact: true}).waitFor();
  assert.equal(await members.getByRole('row').count(), 4);
  for (const zone of world.zones) await members.getByText(zone).waitFor();
  await page.getByText('A ready pod has the role.').waitFor();
  await fact(page, 'Primary').getByText(primary).waitFor();
  await page.getByRole('img', {name: /^Who had the role: .* has it now\./}).waitFor();
  const changes = page.getByRole('region', {name: 'Table of role changes'});
  await changes.getByRole('cell', {name: primary, exact: true}).first().waitFor();
  assert.match(await changes.locator('time').first().getAttribute('title'), / UTC$/);
  const request = page.getByRole('list', {name: 'Requests'}).getByRole('listitem').filter({hasText: 'first'});
  await request.getByText(/ by a person$/).waitFor();
  await request.locator('summary').click();
  await request.getByText('so that there is a history').waitFor();
});

pageTest('a group of which nothing was asked yet', async (page) => {
  await openGroup(page, 'rented', 'keeper', world.other);
  await page.getByText(/^No role change is known\. rented-\d has the role\.$/).waitFor();
  await page.getByText('Nothing was asked of this group').waitFor();
});

pageTest('what blocks a failover is said, with what would be done', async (page) => {
  await openGroup(page, 'sessions');
  await page.getByText('Failover blocked: Manual.').waitFor();
  await page.getByText('A failover is needed and is not made, as failover of this group is manual').waitFor();
  assert.match(await page.title(), /^! NoPrimary/);
});

pageTest('that a group is paused, or its switchovers disabled, is said', async (page) => {
  await openGroup(page, 'vault');
  await page.getByText('No role change begins until spec.paused is false').waitFor();
  await page.goto(`/ui/#/${world.shop}/ledger`);
  await page.getByText('A planned request is refused').waitFor();
});

pageTest('a group that is not there is said so', async (page) => {
  await signIn(page, 'keeper', `/ui/#/${world.shop}/never-was`);
  await page.getByText(`There is no group ${world.shop}/never-was, or you may not see it.`).waitFor();
}, {permitted: (text, url) => /status of 404/.test(text) && url.endsWith('/never-was')});
