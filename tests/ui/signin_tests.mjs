// Who comes in, who does not, and how one leaves.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {base, hashOf, openGroup, pageTest, signIn, world} from './browser.mjs';

test('the page may load nothing from elsewhere and is in nobody’s frame', async () => {
  const answer = await fetch(`${base}/ui/`);
  assert.equal(answer.status, 200);
  const policy = answer.headers.get('content-security-policy');
  for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self'",
    "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"]) assert.ok(policy.includes(part), policy);
  assert.ok(!policy.includes('unsafe'), policy);
});

pageTest('a wrong password is told at the form, and a right one opens', async (page) => {
  await page.goto('/ui/');
  await page.getByLabel('Name').fill('keeper');
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', {name: 'Sign in'}).click();
  await page.getByRole('alert').getByText('The name or the password is wrong.').waitFor();
  assert.equal(await page.getByLabel('Password').getAttribute('aria-invalid'), 'true');
  assert.equal(await page.getByLabel('Password').evaluate((input) => document.activeElement === input), true);
  await page.getByLabel('Password').fill(world.password);
  await page.keyboard.press('Enter');
  await page.getByText('Live', {exact: true}).waitFor();
  await page.getByRole('heading', {level: 1, name: 'Groups'}).waitFor();
  assert.deepEqual(await page.evaluate(() => document.cookie), '', 'a script can read the cookie');
});

pageTest('nothing is sent when nothing was typed', async (page) => {
  await page.goto('/ui/');
  await page.getByRole('button', {name: 'Sign in'}).click();
  await page.getByRole('alert').getByText('Give both').waitFor();
});

pageTest('a reload stays signed in, signing out does not', async (page) => {
  await openGroup(page, 'orders');
  await page.reload();
  await page.getByRole('heading', {level: 1, name: `${world.shop}/orders`}).waitFor();
  await page.getByRole('button', {name: 'Sign out'}).click();
  await page.getByText('You are signed out.').waitFor();
  await page.reload();
  await page.getByRole('button', {name: 'Sign in'}).waitFor();
  assert.equal(await page.locator('.card').count(), 0);
});

pageTest('whose session has ended signs in again and is where he was', async (page) => {
  await openGroup(page, 'orders');
  await page.context().clearCookies();
  // Any call will do to learn of it; opening another group makes one.
  await page.goto(hashOf('labels'));
  await page.getByText('Your session has ended').waitFor();
  assert.ok(page.url().endsWith(`#/${world.shop}/labels`));
  await page.getByLabel('Name').fill('keeper');
  await page.getByLabel('Password').fill(world.password);
  await page.getByRole('button', {name: 'Sign in'}).click();
  await page.getByRole('heading', {level: 1, name: `${world.shop}/labels`}).waitFor();
}, {permitted: (text, url) => /status of 401/.test(text) && url.includes('/ui/api/groups/')});

pageTest('the way back leads to the group that was open', async (page) => {
  await signIn(page);
  await page.getByRole('link', {name: `${world.shop}/orders`}).click();
  await page.getByRole('heading', {level: 1, name: `${world.shop}/orders`}).waitFor();
  await page.goBack();
  await page.getByRole('heading', {level: 1, name: 'Groups'}).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('href')), `#/${world.shop}/orders`);
});
