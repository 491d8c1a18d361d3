// Times of a group of many in the browser, as a table: `IMULATOR=target/release/imulator node tests/browser/measure.js [MEMBERS]`.
import { at, launch, open, seen, unseen, world } from './support/browser.js';
import { account, crowd, scroll, SDKAPPID } from './support/crowd.js';
import { Emulator } from './support/emulator.js';

const SIZE = Number(process.argv[2] ?? 100_000);
const ROUNDS = 7;

/** Median and worst of a list of times. @param {number[]} times */
function told(times) {
  const sorted = times.toSorted((one, other) => one - other);
  return [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)].map((ms) => `${Math.round(ms)} ms`);
}

/** @param {() => Promise<unknown>} work */
async function timed(work) {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

const emulator = await Emulator.start({ world: crowd(SIZE) });
const browser = await launch();
const shelf = world('tencent', SDKAPPID, 'groups');
const times = { 'page loaded, stream live': [], 'group opened, members shown': [], 'scrolled to the middle': [], 'scrolled to the end': [], 'found by a search': [], 'a join shown on the open page': [] };
for (let round = 0; round < ROUNDS; round += 1) {
  let page;
  times['page loaded, stream live'].push(await timed(async () => { page = await open(browser, emulator.url, { hash: shelf }); }));
  await seen(page, 'entity-row', 'Crowd');
  times['group opened, members shown'].push(await timed(async () => {
    await at(page, 'entity-row', 'Crowd').click();
    await seen(page, 'member-row', account(0));
  }));
  times['scrolled to the middle'].push(await timed(() => scroll(page, 0.31 + round / 20)));
  times['scrolled to the end'].push(await timed(() => scroll(page, 1)));
  times['found by a search'].push(await timed(async () => {
    await at(page, 'member-search').fill(account(SIZE - 2 - round));
    await seen(page, 'member-count', /^1 of /);
  }));
  await at(page, 'member-search').fill('newcomer');
  await seen(page, 'member-count', /^0 of /);
  times['a join shown on the open page'].push(await timed(async () => {
    await emulator.control('POST', `tencent/${SDKAPPID}/groups/crowd/join`, { Member_Account: 'newcomer' });
    await seen(page, 'member-row', 'newcomer');
  }));
  await emulator.control('POST', `tencent/${SDKAPPID}/groups/crowd/quit`, { Member_Account: 'newcomer' });
  await unseen(page, 'member-row', 'newcomer');
  await page.context().close();
}
await browser.close();
await emulator.stop();
console.log(`| ${SIZE.toLocaleString('en-US')} members | median of ${ROUNDS} | worst |\n| --- | --- | --- |`);
for (const [what, list] of Object.entries(times)) console.log(`| ${what} | ${told(list).join(' | ')} |`);
