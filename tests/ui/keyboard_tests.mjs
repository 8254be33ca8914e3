// Everything by keys alone.
import assert from 'node:assert/strict';

import {ask, pageTest, until, world} from './browser.mjs';

const focused = (page) => page.evaluate(() => {
  const element = document.activeElement;
  return {tag: element.tagName, text: (element.textContent || element.value || '').trim(), id: element.id, href: element.getAttribute('href'),
    outline: getComputedStyle(element).outlineStyle !== 'none' || getComputedStyle(element, '::after').outlineStyle !== 'none'};
});

// Tab until it is there; what has the focus on the way must show it.
async function tabTo(page, wanted, what) {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    const now = await focused(page);
    if (now.tag !== 'BODY') assert.ok(now.outline, `the focus is not seen: ${JSON.stringify(now)}`);
    if (wanted(now)) return;
  }
  assert.fail(`Tab does not lead to ${what}`);
}

const enter = (page) => page.keyboard.press('Enter');

pageTest('sign in, find a group, try and switch it over, sign out', async (page) => {
  const before = await ask('primary', {group: 'keys'});
  await page.goto('/ui/');
  await page.getByLabel('Name').waitFor();
  await until(async () => (await focused(page)).id === 'user', 'the form has not the focus');
  await page.keyboard.type('keeper');
  await page.keyboard.press('Tab');
  await page.keyboard.type(world.password);
  await enter(page);
  await page.getByText('Live', {exact: true}).waitFor();
  await page.locator('.card').first().waitFor();

  await tabTo(page, ({id}) => id === 'filter', 'the filter');
  await page.keyboard.type('keys');
  await tabTo(page, ({href}) => href === `#/${world.shop}/keys`, 'the group');
  await enter(page);
  await page.getByRole('heading', {level: 1, name: `${world.shop}/keys`}).waitFor();
  await tabTo(page, ({text}) => text.startsWith('Switch over'), 'the button');
  await enter(page);
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();

  // Escape closes, and the focus is where it was.
  await page.keyboard.press('Escape');
  await dialog.waitFor({state: 'detached'});
  await until(async () => (await focused(page)).text.startsWith('Switch over'), 'the focus is lost');
  await enter(page);
  await dialog.waitFor();

  await tabTo(page, ({text}) => text === 'Dry run', 'the dry run');
  await enter(page);
  await dialog.locator('.verdict').getByText('would get the role').waitFor();
  await until(async () => (await focused(page)).text === 'Switch over', 'the focus is not at what can be done next');
  await enter(page);
  await dialog.locator('.verdict.good').getByText('Succeeded').waitFor();
  await tabTo(page, ({text}) => text === 'Close', 'the end');
  await enter(page);
  await dialog.waitFor({state: 'detached'});
  assert.notEqual(await ask('primary', {group: 'keys'}), before);

  await page.keyboard.press('Control+Home');
  await tabTo(page, ({text}) => text === 'Sign out', 'the way out');
  await enter(page);
  await page.getByText('You are signed out.').waitFor();
});

pageTest('what is first leads past the head', async (page) => {
  await page.goto('/ui/');
  await until(async () => (await focused(page)).id === 'user', 'the form has not the focus');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  assert.equal((await focused(page)).text, 'Skip to the content');
  assert.ok((await page.locator('.skip').boundingBox()).y >= 0, 'it is not seen');
  await enter(page);
  assert.equal((await focused(page)).id, 'main');
});
