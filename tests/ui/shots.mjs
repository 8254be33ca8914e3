// The pictures of docs/ui.md, of the program as it is: in the folder SHOTS.
import {ask, openGroup, pageTest, signIn, until, world} from './browser.mjs';

const shot = async (page, name, options = {}) => {
  await page.addStyleTag({content: ':root { scrollbar-width: none; }'}).catch(() => {});  // the page's policy refuses it, which is right
  await page.screenshot({path: `${process.env.SHOTS}/${name}.png`, animations: 'disabled', ...options});
};
const quiet = {permitted: () => true, viewport: {width: 1180, height: 760}};

pageTest('a group with a history, and a dry run', async (page) => {
  await page.emulateMedia({colorScheme: 'light'});
  await openGroup(page, 'orders');
  for (let i = 0; i < 3; i += 1) {
    const before = await ask('primary', {group: 'orders'});
    await page.getByRole('button', {name: 'Switch over'}).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Why').fill(['kernel update', 'back again', 'disk replaced'][i]);
    await dialog.getByRole('button', {name: 'Dry run'}).click();
    await dialog.locator('.verdict').getByText('would get the role').waitFor();
    if (i === 2) await shot(page, 'dry-run');
    await dialog.getByRole('button', {name: 'Switch over'}).click();
    await dialog.locator('.verdict').getByText('Succeeded').waitFor();
    await dialog.getByRole('button', {name: 'Close'}).click();
    await until(async () => await ask('primary', {group: 'orders'}) !== before, 'the role has not moved');
  }
  await page.getByRole('button', {name: 'All', exact: true}).click().catch(() => {});
  await page.evaluate(() => window.scrollTo(0, 0));
  await shot(page, 'group');
}, quiet);

pageTest('all groups', async (page) => {
  await page.emulateMedia({colorScheme: 'dark'});
  await signIn(page);
  await page.locator('.card').first().waitFor();
  await until(async () => await page.locator('.card').count() >= 8, `not all groups of ${world.shop} are there`);
  await shot(page, 'fleet');
}, quiet);
