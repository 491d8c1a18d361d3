// Bad input: names, texts and ids that want to be executed, to break the page, or to be taken for something else.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';

import { at, connection, eventually, open, seen, world } from './support/browser.js';
import { fixture } from './support/emulator.js';
import { ground } from './support/ground.js';

const SDKAPPID = '66666666';
const APP = '<img src=x onerror=window.broken=1>';
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
  + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const hostile = JSON.parse(await readFile(fixture('worlds/hostile.json'), 'utf8'));

/** Elements and attributes that a world could only have brought in as markup. @param {any} page */
const foreign = (page) => page.evaluate(() => [...document.querySelectorAll('main *')]
  .filter((node) => /^(script|img|iframe|object|embed|style|link|base|b)$/i.test(node.localName)
    || node.getAttributeNames().some((name) => /^on/i.test(name)) || /^\s*(javascript|data):/i.test(node.getAttribute('href') ?? ''))
  .map((node) => node.outerHTML.slice(0, 200)));

/** Nothing is wider than the window. @param {any} page */
const fits = async (page) => assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1), page.url());

describe('the policy', () => {
  const on = ground();

  it('comes with every file, exactly, and allows nothing inline', async () => {
    const page = await on.show();
    const files = await page.evaluate(() => performance.getEntriesByType('resource').map((entry) => entry.name).filter((name) => name.includes('/page/')));
    assert.ok(files.length > 10, files.join());
    for (const file of ['/_imulator/', ...files.map((name) => new URL(name).pathname)]) {
      const answer = await fetch(on.emulator.url + file);
      assert.equal(answer.status, 200, file);
      assert.equal(answer.headers.get('content-security-policy'), POLICY, file);
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff', file);
    }
    const html = await (await fetch(`${on.emulator.url}/_imulator/`)).text();
    assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)|\son\w+=|\sstyle=|<style/i);
  });

  it('keeps the browser from running what is put into the page all the same', async () => {
    // A page of its own: here the policy is meant to be hurt.
    const page = await open(on.browser, on.emulator.url);
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.broken = 1';
      document.body.append(script);
      document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="window.broken = 2"><a id=trap href="javascript:window.broken=3">x</a>');
      document.getElementById('trap').click();
      fetch('http://stranger.example/').catch(() => {});
    });
    await eventually(async () => assert.ok(page.watch.violations.length >= 4, page.watch.violations.join('\n')));
    assert.equal(await page.evaluate(() => window.broken), undefined);
    await page.context().close();
  });

  it('a token is asked for where one is wanted, and kept for the tab', async () => {
    await on.emulator.stop();
    on.emulator = await (await import('./support/emulator.js')).Emulator.start({ args: ['--control-token', 's3cret'] });
    const page = await on.show('', { wait: false });
    await at(page, 'token-dialog').waitFor();
    await at(page, 'token-input').fill('wrong');
    await at(page, 'token-save').click();
    await page.getByText('That token was not taken').waitFor();
    await at(page, 'token-input').fill('s3cret');
    await at(page, 'token-save').click();
    await connection(page, 'live');
    await seen(page, 'tenant-row', '88888888');
    await page.reload();
    await connection(page, 'live');
    assert.equal(await at(page, 'token-dialog').count(), 0);
  });
});

describe('a hostile world', () => {
  const on = ground(() => ({ fixture: fixture('worlds/hostile.json') }));
  const { groups, rooms } = hostile.tencent[SDKAPPID];
  const shelves = [...groups.map((group) => ['tencent', SDKAPPID, 'groups', group.GroupId, group.Name]),
    ...rooms.map((room) => ['tencent', SDKAPPID, 'rooms', room.RoomId, room.RoomName]),
    ...hostile.imkit[APP].rooms.map((room) => ['imkit', APP, 'rooms', room._id, room.name])];

  it('stands there as text: every group and room with its members, messages and details', async () => {
    const page = await on.show('');
    await seen(page, 'tenant-row', APP);
    for (const [family, tenant, kind, id, name] of shelves) {
      await page.evaluate((hash) => { location.hash = hash; }, world(family, tenant, kind, id));
      const title = at(page, 'entity-title');
      const start = [...name].slice(0, 40).join('');
      await eventually(async () => assert.ok((await title.evaluate((node) => node.textContent)).startsWith(start), `${name.slice(0, 60)} is shown`));
      await seen(page, 'member-row', /./);
      for (const tab of ['messages', 'banned', 'details', 'members']) {
        await at(page, `tab-${tab}`).click();
        await eventually(async () => assert.equal(await page.getByRole('tab', { selected: true }).getAttribute('data-tab'), tab));
      }
      assert.deepEqual(await foreign(page), [], name.slice(0, 60));
      await fits(page);
    }
  });

  it('stands there as text on a narrow screen, in the lists of accounts and clients', async () => {
    const page = await on.show('', { options: { viewport: { width: 360, height: 640 } } });
    for (const [family, tenant, kind] of [['tencent', SDKAPPID, 'accounts'], ['imkit', APP, 'clients'], ['imkit', APP, 'rooms'], ['tencent', SDKAPPID, 'groups']]) {
      await page.evaluate((hash) => { location.hash = hash; }, world(family, tenant, kind));
      await seen(page, 'entity-row', /./);
      assert.deepEqual(await foreign(page), []);
      await fits(page);
      await at(page, 'entity-row').first().click();
      await at(page, 'entity-title').waitFor();
      await fits(page);
    }
  });

  it('marks of direction do not turn the words beside them', async () => {
    const page = await on.show(world('tencent', SDKAPPID, 'groups'));
    await seen(page, 'entity-row', /./);
    const loose = await page.evaluate(() => {
      const turns = /[\u202a-\u202e\u2066-\u2069\u200e\u200f]/;
      const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
      const found = [];
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (turns.test(node.data) && !/isolate|plaintext/.test(getComputedStyle(node.parentElement).unicodeBidi)) found.push(node.data);
      }
      return found;
    });
    assert.deepEqual(loose, []);
  });

  it('100 kB of text waits behind a button, and the page stays small', async () => {
    const page = await on.show(world('imkit', APP, 'rooms', 'long'));
    await seen(page, 'member-row', /./);
    const size = () => page.evaluate(() => document.documentElement.outerHTML.length);
    assert.ok(await size() < 200_000, `${await size()} characters of markup`);
    await page.evaluate((hash) => { location.hash = hash; }, world('tencent', SDKAPPID, 'groups', 'long'));
    await at(page, 'tab-details').click();
    await eventually(async () => {
      for (const button of (await at(page, 'show-all').all()).reverse()) await button.click();
      assert.ok((await page.locator('main').evaluate((node) => node.textContent)).includes(groups.at(-1).Introduction));
    });
    assert.deepEqual(await foreign(page), []);
  });

  it('calls about it, its refusals and events are text as well, and can be sent again', async () => {
    const nasty = '"><img src=x onerror="window.broken=1"><script>window.broken=1</script>\u202egnp';
    const tencent = (command, body) => fetch(`${on.emulator.url}/v4/${command}?sdkappid=${SDKAPPID}&identifier=admin&usersig=x&${encodeURIComponent(nasty)}=1`,
      { method: 'POST', body: JSON.stringify(body) });
    await tencent('group_open_http_svc/destroy_group', { GroupId: nasty });
    await tencent('group_open_http_svc/modify_group_base_info', { GroupId: groups[0].GroupId, Name: '<b>x</b>' });
    await tencent('group_open_http_svc/send_group_msg', { GroupId: groups[0].GroupId, From_Account: groups[0].MemberList[0].Member_Account, Random: 5,
      MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: nasty.repeat(100) } }] });
    await tencent(`group_open_http_svc/${encodeURIComponent(nasty)}`, { [nasty]: nasty });
    await fetch(`${on.emulator.url}/rooms/${encodeURIComponent(nasty)}`, { headers: { 'IM-API-KEY': 'hostile-api-key', 'X-Nasty': '"><script>window.broken=1</script>' } });
    const page = await on.show('calls');
    await eventually(async () => assert.equal(await at(page, 'call-row').count(), 5));
    for (const row of [0, 1, 2, 3, 4]) {
      await at(page, 'call-row').nth(row).click();
      await at(page, 'call-detail').getByRole('heading').first().waitFor();
      for (const fold of await at(page, 'call-detail').locator('summary').all()) await fold.click();
      await at(page, 'call-curl').click();
      await at(page, 'curl-text').waitFor();
      assert.deepEqual(await foreign(page), []);
      await fits(page);
    }
    await at(page, 'call-replay').click();
    await eventually(async () => assert.equal(await at(page, 'call-row').count(), 6));
    await at(page, 'nav-charts').click();
    assert.deepEqual(await foreign(page), []);
  });

  it('is acted in, disturbed and offered like any other', async () => {
    const page = await on.show(world('tencent', SDKAPPID, 'groups', groups[0].GroupId));
    await seen(page, 'member-row', /./);
    await at(page, 'entity-act').click();
    await at(page, 'act-admin').check();
    await at(page, 'action-kick').check();
    await at(page, 'input-members').fill(groups[0].MemberList[3].Member_Account);
    await at(page, 'act-target').focus();
    await at(page, 'act-run').click();
    await at(page, 'act-result').locator('.chip').waitFor();
    assert.deepEqual(await foreign(page), []);
    await fits(page);
    const rule = { id: 'hostile', match: { operation: 'tencent.groups.*', body: { GroupId: '"><img src=x onerror=window.broken=1>' } }, then: { status: 500, body: '<script>window.broken=1</script>' } };
    await on.emulator.control('POST', 'faults', rule);
    await at(page, 'nav-disturb').click();
    await seen(page, 'fault-row', 'onerror=window.broken=1');
    await at(page, 'fault-toggle').click();
    await eventually(async () => assert.equal((await on.emulator.control('GET', 'faults')).faults[0].chance, 0));
    await at(page, 'fault-remove').click();
    await eventually(async () => assert.deepEqual((await on.emulator.control('GET', 'faults')).faults, []));
    assert.deepEqual(await foreign(page), []);
  });
});
