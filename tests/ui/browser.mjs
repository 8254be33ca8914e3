// The browser, and tests that each have a page of their own in it. Whatever the page complains of fails the test.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {after, test} from 'node:test';

// They are not beside this file, see the script `environment`.
const require = createRequire(`${process.env.PACKAGES}/package.json`);
const {chromium} = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const base = process.env.BASE_URL;
export const world = JSON.parse(process.env.WORLD);
const LIMIT = 60000;  // ms; generous: it only ends a wait that would last for ever

let browser = null;
after(() => browser?.close());

// Asks ui_world.py to do something.
export async function ask(method, what = {}) {
  const answer = await fetch(`${process.env.CONTROL_URL}/${method}`, {method: 'POST', body: JSON.stringify(what)});
  const result = await answer.json();
  assert.equal(answer.status, 200, result);
  return result;
}

// Not a complaint: the answer that nobody is signed in, by which the page learns that it has to ask for a password.
const expected = (text, url) => /status of 401/.test(text) && url.endsWith('/ui/api/session');

// `permitted(text, url)`: which further lines of the console this test brings about. `way()`: where the page is, when it
// is not asked of the controller itself.
export function pageTest(name, body, {permitted = () => false, way = () => base, viewport = {width: 1280, height: 900}} = {}) {
  test(name, {timeout: 10 * LIMIT}, async () => {
    browser ??= await chromium.launch({executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox']});
    const at = await way();
    const context = await browser.newContext({baseURL: at, viewport});
    const complaints = [];
    try {
      context.setDefaultTimeout(LIMIT);
      await context.addInitScript(() => document.addEventListener(
        'securitypolicyviolation', (event) => console.error(`against the policy: ${event.violatedDirective} ${event.blockedURI}`)));
      const page = await context.newPage();
      page.on('console', (line) => {
        const {url} = line.location();
        if (line.type() === 'error' && !expected(line.text(), url) && !permitted(line.text(), url)) complaints.push(`${line.text()} ${url}`);
      });
      page.on('pageerror', (error) => complaints.push(String(error.stack ?? error)));
      page.on('request', (request) => {
        if (!request.url().startsWith(at)) complaints.push(`it asks elsewhere: ${request.url()}`);
      });
      await body(page).catch(async (failure) => {
        failure.message += `\nThe page complained of: ${JSON.stringify(complaints)}\nIt showed: ${await page.innerText('body').catch(String)}`;
        throw failure;
      });
      assert.deepEqual(complaints, []);
    } finally {
      await context.close();
    }
  });
}

export async function signIn(page, user = 'keeper', where = '/ui/') {
  await page.goto(where);
  await page.getByLabel('Name').fill(user);
  await page.getByLabel('Password').fill(world.password);
  await page.getByRole('button', {name: 'Sign in'}).click();
  await page.getByText('Live', {exact: true}).waitFor();
}

export const hashOf = (group, namespace = world.shop) => `/ui/#/${namespace}/${group}`;
export const card = (page, group, namespace = world.shop) => page.locator('.card').filter({has: page.locator(`a[href="#/${namespace}/${group}"]`)});

export async function openGroup(page, group, user = 'keeper', namespace = world.shop) {
  await signIn(page, user, hashOf(group, namespace));
  await page.getByRole('heading', {level: 1, name: `${namespace}/${group}`}).waitFor();
}

// The value under a fact's name at the head of a group.
export const fact = (page, name) => page.locator('.part-facts dl > div').filter({has: page.locator('dt', {hasText: new RegExp(`^${name}$`)})}).locator('dd');

export async function until(condition, what) {
  const end = Date.now() + LIMIT;
  let value;
  while (!(value = await condition())) {
    assert.ok(Date.now() < end, typeof what === 'function' ? await what() : what);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return value;
}

// No rule of axe-core is broken, in neither colour scheme.
export async function accessible(page, where) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({colorScheme});
    await page.evaluate(axe);
    const {violations, passes} = await page.evaluate(() => window.axe.run(document));
    assert.ok(passes.length > 5, `${where}: axe-core looked at nothing`);
    assert.deepEqual(violations.map(({id, nodes}) => `${id}: ${nodes.map((node) => node.target.join(' ')).join('; ')}`), [], `${where}, ${colorScheme}`);
  }
  await page.emulateMedia({colorScheme: null});
}
