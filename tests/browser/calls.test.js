// Calls: the journal as a network panel: what was asked and answered, why, whom it told; sent again from here.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';

import { at, eventually, seen, unseen } from './support/browser.js';
import { fixture } from './support/emulator.js';
import { ground } from './support/ground.js';
import { receiver } from './support/receiver.js';

const GROUP = '@TGS#2J4SZEAEL';
const KICK = 'tencent.groups.delete_group_member';
const ADD = 'tencent.groups.add_group_member';
const shell = promisify(execFile);

/** The number of calls in the journal. @param {any} emulator */
const recorded = async (emulator) => (await emulator.control('GET', 'journal?kind=exchange')).entries.length;

describe('calls', () => {
  let callbacks;
  before(async () => { callbacks = await receiver(); });
  after(() => callbacks.stop());
  const on = ground(async () => {
    const demo = JSON.parse(await readFile(fixture('worlds/demo.json'), 'utf8'));
    demo.tencent['88888888'].callbacks = { url: callbacks.url, commands: ['Group.CallbackAfterMemberExit'] };
    // Signatures are verified in this one: what is sent again needs a fresh and good one.
    demo.tencent['77777777'] = { secret_key: 'k3y', groups: [{ GroupId: 'locked', Type: 'Public', Name: 'Locked', Owner_Account: 'mira' }] };
    return { world: demo };
  });
  const kick = (members = ['tommy']) => on.emulator.tencent('group_open_http_svc/delete_group_member',
    { GroupId: GROUP, MemberToDel_Account: members, Reason: 'snores' });

  it('one call opened tells request, reply, events, who was told, and deliveries', async () => {
    const page = await on.show('calls');
    await kick();
    await at(page, 'call-row', KICK).click();
    const detail = at(page, 'call-detail');
    await detail.getByText('"MemberToDel_Account"').waitFor();
    assert.match(await at(page, 'call-reply').innerText(), /"ActionStatus": "OK"/);
    const event = await at(page, 'call-event').innerText();
    assert.match(event, /tommy/);
    for (const told of ['tommy', 'mira', 'jared', 'otto', 'pia']) assert.match(event.split('Told')[1], new RegExp(`\\b${told}\\b`));
    await seen(page, 'call-delivery', 'Group.CallbackAfterMemberExit');
    assert.match(await at(page, 'call-delivery').innerText(), /200/);
    assert.equal(await at(page, 'call-why').count(), 0);
  });

  it('a refusal says why, and leads to its page', async () => {
    await on.emulator.tencent('group_open_http_svc/destroy_group', { GroupId: 'nowhere' }, 10010);
    const page = await on.show('calls');
    await at(page, 'call-row', 'destroy_group').click();
    assert.match(await at(page, 'call-why').innerText(), /nowhere/);
    const link = at(page, 'call-why').getByRole('link');
    assert.match(await link.getAttribute('href'), /^https:\/\//);
    assert.equal(await link.getAttribute('rel'), 'noopener noreferrer');
    await seen(page, 'call-row', /10010/);
  });

  it('calls are filtered by tenant, operation, code and text', async () => {
    await kick();
    await on.emulator.tencent('group_open_http_svc/destroy_group', { GroupId: 'nowhere' }, 10010);
    await on.emulator.imkit('GET', '/rooms/demo-room');
    const page = await on.show('calls');
    const fields = { 'filter-tenant': 'sample', 'filter-operation': 'delete_group', 'filter-code': '10010', 'filter-text': 'snores' };
    const found = { 'filter-tenant': 'imkit.rooms.get_room', 'filter-operation': KICK, 'filter-code': 'destroy_group', 'filter-text': KICK };
    for (const [field, text] of Object.entries(fields)) {
      await at(page, field).fill(text);
      await eventually(async () => {
        const rows = await at(page, 'call-row').allInnerTexts();
        assert.deepEqual([rows.length, rows[0]?.includes(found[field])], [1, true], `${field} ${rows}`);
      });
      await at(page, field).fill('');
    }
    await eventually(async () => assert.equal(await at(page, 'call-row').count(), 3));
  });

  it('a copied curl line does the same call again, quotes and all', async () => {
    const name = `it's "quoted" $HOME \`id\` \\ 群`;
    const page = await on.show('calls');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: on.emulator.url });
    await on.emulator.tencent('group_open_http_svc/create_group', { Type: 'Public', Name: name, Owner_Account: 'mira' });
    await at(page, 'call-row', 'create_group').click();
    await at(page, 'call-curl').click();
    await seen(page, 'toast', 'Copied');
    const line = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(line, await at(page, 'curl-text').innerText());
    const { stdout } = await shell('sh', ['-c', line]);
    assert.equal(JSON.parse(stdout).ErrorCode, 0, stdout);
    const { tencent } = await on.emulator.control('GET', 'state?tencent=88888888');
    assert.equal(tencent['88888888'].groups.filter((group) => group.Name === name).length, 2);
  });

  it('a call is replayed with fresh credentials, and the other page sees it', async () => {
    const { query } = await on.emulator.control('GET', 'credentials?tencent=77777777');
    const target = `/v4/group_open_http_svc/modify_group_base_info?${new URLSearchParams(query)}`;
    await fetch(on.emulator.url + target, { method: 'POST', body: JSON.stringify({ GroupId: 'locked', Name: 'Opened' }) });
    const [one, other] = [await on.show('calls'), await on.show('calls')];
    await at(one, 'call-row', 'modify_group_base_info').click();
    await at(one, 'call-replay').click();
    await seen(one, 'toast', /0 \(HTTP 200/);
    for (const page of [one, other]) await eventually(async () => assert.equal(await at(page, 'call-row', 'modify_group_base_info').count(), 2));
    const { entries } = await on.emulator.control('GET', 'journal?kind=exchange');
    assert.deepEqual(entries.map((entry) => entry.reply.body.ErrorCode), [0, 0]);
  });

  it("a client's call is replayed in the name that a person gives", async () => {
    await fetch(`${on.emulator.url}/me`, { headers: { 'IM-CLIENT-KEY': 'demo-client-key', 'IM-Authorization': 'token-aaa' } });
    const page = await on.show('calls');
    await at(page, 'call-row', 'imkit.users.get_me').click();
    await at(page, 'call-replay').click();
    await at(page, 'replay-client').fill('bbb');
    await page.keyboard.press('Enter');
    await eventually(async () => {
      const { entries } = await on.emulator.control('GET', 'journal?kind=exchange');
      assert.deepEqual(entries.map((entry) => entry.reply.body.result?._id), ['aaa', 'bbb']);
    });
  });

  it('a path that would lead to another host leads nowhere else', async () => {
    const headers = { 'IM-API-KEY': 'demo-api-key' };
    await fetch(`${on.emulator.url}//stranger.example/steal`, { headers });
    const page = await on.show('calls');
    await at(page, 'call-row', 'imkit').click();
    await at(page, 'call-replay').click();
    await eventually(async () => assert.equal(await recorded(on.emulator), 2));
  });

  it('the journal is emptied, and what happens next stands alone', async () => {
    const page = await on.show('calls');
    await kick(['tommy']);
    await seen(page, 'call-row', KICK);
    await at(page, 'calls-clear').click();
    await page.getByText('No call yet').waitFor();
    await on.emulator.accounts('newcomer');
    await on.emulator.tencent('group_open_http_svc/add_group_member', { GroupId: GROUP, MemberList: [{ Member_Account: 'newcomer' }] });
    await seen(page, 'call-row', ADD);
    await unseen(page, 'call-row', KICK);
  });

  it('calls are counted in the charts, refusals by code', async () => {
    const page = await on.show('charts');
    for (const _ of Array(3)) await on.emulator.tencent('group_open_http_svc/destroy_group', { GroupId: 'nowhere' }, 10010);
    await kick();
    await seen(page, 'chart-total', /4 calls.*3 refused/i);
    await seen(page, 'chart-code', /10010.*3/s);
    assert.match(await at(page, 'chart-calls').getByRole('img').getAttribute('aria-label'), /4/);
    await at(page, 'view-charts').getByText('As a table').last().click();
    await page.getByRole('cell', { name: /10010/ }).waitFor();
  });
});
