// What is shown is what is, without a reload: also when the connection was lost.
import assert from 'node:assert/strict';

import {accessible, ask, card, fact, openGroup, pageTest, signIn, until, world} from './browser.mjs';
import {Relay} from './relay.mjs';

const broken = (text) => /net::ERR_|status of 50\d/.test(text);

pageTest('what somebody else changes appears', async (page) => {
  await openGroup(page, 'moving');
  const before = await ask('primary', {group: 'moving'});
  await fact(page, 'Primary').getByText(before).waitFor();
  await ask('request', {name: 'by-another', group: 'moving', reason: 'past the page'});
  await ask('ended', {name: 'by-another'});
  const now = await ask('primary', {group: 'moving'});
  assert.notEqual(now, before);
  await fact(page, 'Primary').getByText(now).waitFor();
  await page.locator('.request').filter({hasText: 'by-another'}).locator('summary').getByText('Succeeded').waitFor();
  await page.getByRole('region', {name: 'Table of role changes'}).getByText('by-another').waitFor();
  await page.getByRole('link', {name: 'All groups'}).click();
  await card(page, 'moving').getByText(now).first().waitFor();
});

pageTest('Baton that hears nothing of the API server says so', async (page) => {
  await page.addInitScript(() => {
    const Real = window.EventSource;
    window.EventSource = class extends Real {
      constructor(url) {
        super(url);
        window.stream = this;
      }
    };
  });
  await signIn(page);
  const said = (seconds) => page.evaluate((unheardSeconds) => {
    window.stream.dispatchEvent(new MessageEvent('pulse', {data: JSON.stringify({unheardSeconds})}));
    return [document.querySelector('.connection').textContent, document.querySelector('.banner').hidden];
  }, seconds);
  assert.deepEqual(await said(42), ['API server unheard for 42 s', false]);
  assert.deepEqual(await said(0), ['Live', true]);
});

// It begins with the test: this module must not wait, or the tests before it are all that node knows of.
const relay = new Relay();

pageTest('a connection that stands still is noticed, and the page is right after it', async (page) => {
  try {
    await signIn(page);
    const pod = `labels-${(await ask('primary', {group: 'labels'})).endsWith('2') ? 1 : 2}`;
    await card(page, 'labels').getByText('Healthy').waitFor();
    relay.freeze();
    await page.getByText(/^Reconnecting since \d+ s$/).waitFor();
    await page.locator('.banner').getByText('may be out of date').waitFor();
    await accessible(page, 'a lost connection');
    await ask('ready', {pod, ready: false});
    relay.thaw();
    await page.getByText('Live', {exact: true}).waitFor();
    await card(page, 'labels').getByText('Degraded').waitFor();
    await ask('ready', {pod, ready: true});
    await card(page, 'labels').getByText('Healthy').waitFor();
  } finally {
    relay.close();
  }
}, {way: () => relay.listen(), permitted: broken});

pageTest('a controller that goes and comes back', async (page) => {
  await openGroup(page, 'labels');
  const before = await fact(page, 'Primary').textContent();
  await ask('stop');
  await page.getByText(/^Reconnecting since \d+ s$/).waitFor();
  await ask('start');
  // Where the session outlives the program the page comes back by itself; where it does not, it asks, and what was open stays.
  const live = page.getByText('Live', {exact: true});
  const again = page.getByText('Your session has ended');
  await until(async () => await live.isVisible() || await again.isVisible(), 'it does not come back');
  if (await again.isVisible()) {
    await page.getByLabel('Name').fill('keeper');
    await page.getByLabel('Password').fill(world.password);
    await page.getByRole('button', {name: 'Sign in'}).click();
    await live.waitFor();
  }
  await page.getByRole('heading', {level: 1, name: `${world.shop}/labels`}).waitFor();
  await ask('settled', {group: 'labels'});
  await ask('request', {name: 'after-the-break', group: 'labels'});
  await ask('ended', {name: 'after-the-break'});
  const now = await ask('primary', {group: 'labels'});
  assert.notEqual(now, before);
  await fact(page, 'Primary').getByText(now).waitFor();
}, {permitted: broken});
