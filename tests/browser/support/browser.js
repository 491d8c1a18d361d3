// The browser, and pages that are watched: what they must never do, whatever a world holds, is looked at after each test.
import assert from 'node:assert/strict';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { chromium } from 'playwright-core';

const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** A folder whose files are shown in place of those that are built in: to work on the page without building. */
const FILES = process.env.DASHBOARD_FILES;
/** How long a page may take to show something; debug builds and busy machines are slow. */
const SHOWN_MS = 15_000;
/** How long after a look the next one comes. */
const LOOK_MS = 20;

/** Debian's Chromium, without a screen. */
export function launch() {
  // As root, as in containers, its sandbox cannot be made.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: EXECUTABLE, headless: true, args });
}

/**
 * A page of the dashboard in a window of its own, with storage of its own.
 * @param {import('playwright-core').Browser} browser
 * @param {string} url of the emulator
 * @param {{ hash?: string, wait?: boolean, options?: object }} [how] `wait`: until the stream is there
 */
export async function open(browser, url, { hash = '', wait = true, options = {} } = {}) {
  const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(SHOWN_MS);
  if (FILES) {
    const file = (request) => join(FILES, basename(new URL(request.url()).pathname));
    await context.route('**/_imulator/page/*', async (route, request) => route.fulfill({ response: await route.fetch(), path: file(request) }));
  }
  const page = await context.newPage();
  const watch = { violations: [], faults: [], strangers: [], dialogs: [] };
  await page.exposeFunction('noteViolation', (words) => watch.violations.push(words));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      window.noteViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  page.on('pageerror', (fault) => watch.faults.push(String(fault.stack ?? fault)));
  page.on('dialog', (dialog) => {
    watch.dialogs.push(dialog.message());
    dialog.dismiss();
  });
  page.on('request', (request) => {
    const to = request.url();
    if (!to.startsWith(`${url}/`) && !to.startsWith('data:') && !to.startsWith(`blob:${url}/`)) watch.strangers.push(to);
  });
  page.watch = watch;
  await page.goto(`${url}/_imulator/${hash && `#${hash}`}`);
  if (wait) await connection(page, 'live');
  return page;
}

/** Waits until the page says so of its stream. @param {any} page @param {string} state */
export function connection(page, state) {
  return page.locator(`[data-testid=connection-state][data-state=${state}]`).waitFor();
}

/** Nothing was executed, refused by the policy, or asked of anybody else. @param {any} page */
export async function isClean(page) {
  assert.deepEqual(page.watch, { violations: [], faults: [], strangers: [], dialogs: [] });
  assert.equal(await page.evaluate(() => typeof window.broken), 'undefined', 'nothing of the world is executed');
}

/** A place on the page. @param {any} page @param {string} id @param {string | RegExp} [text] */
export function at(page, id, text) {
  const found = page.getByTestId(id);
  return text === undefined ? found : found.filter({ hasText: text });
}

/** Waits until there are such rows. @param {any} page @param {string} id @param {string | RegExp} text */
export function seen(page, id, text) {
  return at(page, id, text).first().waitFor();
}

/** Waits until there are none. @param {any} page @param {string} id @param {string | RegExp} text */
export function unseen(page, id, text) {
  return at(page, id, text).first().waitFor({ state: 'hidden' });
}

/**
 * Waits until this no longer throws.
 * @template T @param {() => Promise<T>} look @returns {Promise<T>}
 */
export async function eventually(look) {
  const until = Date.now() + SHOWN_MS;
  for (;;) {
    try {
      return await look();
    } catch (fault) {
      if (Date.now() > until) throw fault;
    }
    await setTimeout(LOOK_MS);
  }
}

/** The address of something in the world. @param {...string} names */
export const world = (...names) => ['world', ...names].map(encodeURIComponent).join('/');
