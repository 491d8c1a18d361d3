// Much of everything: a group of 100 000 members and thousands of calls, of which the page holds what is seen.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { at, eventually, seen, world } from './support/browser.js';
import { account, crowd, CROWD, scroll, SDKAPPID } from './support/crowd.js';
import { ground } from './support/ground.js';

const SIZE = 100_000;
const CALLS = 1500;

/** How many elements the page is made of. @param {any} page */
const elements = (page) => page.evaluate(() => document.querySelectorAll('*').length);

describe('much of everything', () => {
  const on = ground(() => ({ world: crowd(SIZE) }));

  it('a group of 100 000 members is scrolled, searched and kept up to date', async (test) => {
    const page = await on.show(world('tencent', SDKAPPID, 'groups'));
    await seen(page, 'entity-row', 'Crowd');
    const started = performance.now();
    await at(page, 'entity-row', 'Crowd').click();
    await seen(page, 'member-row', account(0));
    test.diagnostic(`opened in ${Math.round(performance.now() - started)} ms`);
    await seen(page, 'member-count', '100,000');
    for (const part of [0.5, 1, 0.001, 0.77]) {
      const from = performance.now();
      const shown = await scroll(page, part);
      test.diagnostic(`scrolled to ${part} in ${Math.round(performance.now() - from)} ms`);
      const place = Number(shown[0].slice(4));
      assert.ok(Math.abs(place - part * SIZE) < 60, `${shown[0]} at ${part}`);
      shown.forEach((id, next) => assert.equal(id, account(place + next), 'in order, none left out'));
    }
    assert.ok((await scroll(page, 1)).includes(account(SIZE - 1)), 'the last one');
    assert.ok(await elements(page) < 2000, `${await elements(page)} elements`);
    await at(page, 'member-search').fill('9876');
    await seen(page, 'member-row', 'user0009876');
    await eventually(async () => assert.match(await at(page, 'member-count').innerText(), /^\d+ of 100,000$/));
    await at(page, 'member-search').fill('');
    await seen(page, 'member-count', /^100,000$/);
    await at(page, 'member-list').focus();
    await page.keyboard.press('End');
    await seen(page, 'member-row', account(SIZE - 1));
    await fetch(`${on.emulator.url}/v4/group_open_http_svc/delete_group_member?sdkappid=${SDKAPPID}&identifier=admin&usersig=x`,
      { method: 'POST', body: JSON.stringify({ GroupId: 'crowd', MemberToDel_Account: [account(SIZE - 1)] }) });
    await seen(page, 'member-count', '99,999');
    assert.equal(new URL(page.url()).hash, `#${CROWD}`);
  });

  it('thousands of calls are counted while rows are pressed', async () => {
    const page = await on.show('calls');
    const call = (place) => fetch(`${on.emulator.url}/v4/group_open_http_svc/get_group_info?sdkappid=${SDKAPPID}&identifier=admin&usersig=x`,
      { method: 'POST', body: JSON.stringify({ GroupIdList: [`other-${place}`] }) });
    const sending = (async () => {
      for (let place = 0; place < CALLS; place += 10) await Promise.all(Array.from({ length: 10 }, (_, next) => call(place + next)));
    })();
    await seen(page, 'call-row', 'get_group_info');
    // While they come, the row that is pressed is the one that opens.
    const row = at(page, 'call-row').nth(3);
    const box = await row.boundingBox();
    await page.mouse.move(box.x + 200, box.y + box.height / 2);
    const pressed = await page.evaluate(({ x, y }) => document.elementFromPoint(x, y).closest('[data-index]').dataset.id, { x: box.x + 200, y: box.y + box.height / 2 });
    await page.mouse.down();
    await page.mouse.up();
    await at(page, 'call-request').waitFor();
    await sending;
    await eventually(async () => assert.equal(await at(page, 'call-count').innerText(), CALLS.toLocaleString('en-US')));
    assert.ok(await elements(page) < 2000, `${await elements(page)} elements`);
    const opened = new URL(page.url()).hash.slice('#calls/c'.length);
    assert.ok(Number(opened) >= Number(pressed.slice(1)), `${opened} was opened, ${pressed} was seen a moment before`);
  });
});
