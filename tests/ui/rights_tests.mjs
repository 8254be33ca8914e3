// What a user may not, he does not see, or is told.
import assert from 'node:assert/strict';

import {card, openGroup, pageTest, signIn, world} from './browser.mjs';

pageTest('who may only look sees why he can’t switch over', async (page) => {
  await openGroup(page, 'orders', 'reader');
  const button = page.getByRole('button', {name: 'Switch over'});
  assert.equal(await button.isDisabled(), true);
  const reason = page.getByText(`That takes the right to create switchoverrequests in namespace ${world.shop}.`);
  await reason.waitFor();
  assert.equal(await button.getAttribute('aria-describedby'), await reason.getAttribute('id'));
});

pageTest('the server refuses him too', async (page) => {
  await openGroup(page, 'orders', 'reader');
  const answer = await page.evaluate(async (path) => {
    const response = await fetch(path, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{"dryRun": true}'});
    return [response.status, await response.json()];
  }, `/ui/api/groups/${world.shop}/orders/switchover`);
  assert.equal(answer[0], 403);
  assert.match(answer[1].error, /may not create switchoverrequests/);
}, {permitted: (text, url) => /status of 403/.test(text) && url.endsWith('/switchover')});

pageTest('who has one namespace sees that one only', async (page) => {
  await signIn(page, 'tenant');
  await card(page, 'rented', world.other).waitFor();
  assert.deepEqual(await page.locator('.card h2').allTextContents(), [`${world.other}/rented`]);
  await page.goto(`/ui/#/${world.shop}/orders`);
  await page.getByText(`There is no group ${world.shop}/orders, or you may not see it.`).waitFor();
  assert.ok(!(await page.content()).includes('orders-0'));
  await page.goto(`/ui/#/${world.other}/rented`);
  await page.getByRole('button', {name: 'Switch over'}).waitFor();
  assert.equal(await page.getByRole('button', {name: 'Switch over'}).isDisabled(), false);
}, {permitted: (text, url) => /status of 40[34]/.test(text) && url.endsWith('/orders')});
