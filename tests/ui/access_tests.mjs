// axe-core finds nothing, in light and in dark, in any view.
import {accessible, ask, card, hashOf, openGroup, pageTest, signIn} from './browser.mjs';

pageTest('sign-in can be used by everybody', async (page) => {
  await page.goto('/ui/');
  await page.getByLabel('Name').waitFor();
  await accessible(page, 'sign-in');
  await page.getByLabel('Name').fill('keeper');
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', {name: 'Sign in'}).click();
  await page.getByRole('alert').getByText('wrong').waitFor();
  await accessible(page, 'a wrong password');
});

pageTest('the fleet can be used by everybody', async (page) => {
  await signIn(page);
  await card(page, 'sessions').waitFor();
  await accessible(page, 'fleet');
});

pageTest('a group can be used by everybody', async (page) => {
  await openGroup(page, 'orders');
  const request = page.locator('.request').first();
  await request.waitFor();
  await request.locator('summary').click();
  await page.locator('.timeline').waitFor();
  await accessible(page, 'a group');
  for (const group of ['sessions', 'carts', 'vault', 'ledger']) {
    await page.goto(hashOf(group));
    await page.getByRole('heading', {level: 1, name: group}).waitFor();
    await page.locator('.drawing > *').first().waitFor();
    await accessible(page, group);
  }
});

pageTest('the dialog can be used by everybody', async (page) => {
  await openGroup(page, 'carts');
  await page.getByRole('button', {name: 'Switch over'}).click();
  const dialog = page.getByRole('dialog');
  await accessible(page, 'the dialog');
  await dialog.getByRole('button', {name: 'Dry run'}).click();
  await dialog.getByRole('row').first().waitFor();
  await accessible(page, 'a dry run');
  await dialog.getByLabel('Forced').check();
  await accessible(page, 'Forced');
});

pageTest('a running switchover can be used by everybody', async (page) => {
  await ask('settled', {group: 'orders'});
  await ask('hold', {group: 'orders', hook: 'demote'});
  await openGroup(page, 'orders');
  await ask('request', {name: 'running', group: 'orders'});
  await page.locator('.part-active .step.Running').filter({hasText: 'Demoting'}).waitFor();
  await accessible(page, 'a running switchover');
  await ask('release', {group: 'orders', hook: 'demote'});
  await ask('ended', {name: 'running'});
  await page.getByRole('heading', {name: 'Running:'}).waitFor({state: 'detached'});
});
