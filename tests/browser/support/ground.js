// What every test stands on: one browser for the file, an emulator for each test, pages that are looked at when it ends.
import { after, afterEach, before, beforeEach } from 'node:test';

import { isClean, launch, open } from './browser.js';
import { Emulator } from './emulator.js';

/**
 * Sees to the ground of the tests of this `describe`.
 * @param {() => Promise<object> | object} [how] how the emulator of each test is started
 */
export function ground(how = () => ({})) {
  const self = { browser: null, emulator: null, pages: [], show: null };
  /** A page at this place. @param {string} [hash] @param {object} [more] */
  self.show = async (hash = '', more = {}) => {
    const page = await open(self.browser, self.emulator.url, { hash, ...more });
    self.pages.push(page);
    return page;
  };
  before(async () => { self.browser = await launch(); });
  after(() => self.browser.close());
  beforeEach(async () => {
    self.pages = [];
    self.emulator = await Emulator.start(await how());
  });
  afterEach(async () => {
    try {
      for (const page of self.pages) {
        await isClean(page);
        await page.context().close();
      }
    } finally {
      await self.emulator.stop();
    }
  });
  return self;
}
