// Act: a member's and an administrator's part played from one page, seen by the other at once and recorded as calls.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { at, eventually, seen, unseen, world } from './support/browser.js';
import { ground } from './support/ground.js';

const GROUP = '@TGS#2J4SZEAEL';

/**
 * Does one thing on the page, and gives what the emulator answered.
 * @param {any} page
 * @param {{ tenant: string, kind: string, target: string, as?: string, action: string, inputs?: Record<string, string> }} what
 */
async function act(page, { tenant, kind, target, as, action, inputs = {} }) {
  await page.goto(`${page.url().split('#')[0]}#act`);
  await at(page, 'act-tenant').selectOption({ label: tenant });
  await at(page, 'act-kind').selectOption(kind);
  await at(page, 'act-target').fill(target);
  await page.locator(as === undefined ? '[data-testid=act-admin]' : '[data-testid=act-member]').check();
  if (as !== undefined) await at(page, 'act-as').fill(as);
  await at(page, `action-${action}`).check();
  for (const [name, value] of Object.entries(inputs)) await at(page, `input-${name}`).fill(value);
  await at(page, 'act-result').evaluate((node) => node.replaceChildren());
  await at(page, 'act-run').click();
  await at(page, 'act-result').locator('.chip').waitFor();
  return (await at(page, 'act-result').innerText()).replace(/\s+/g, ' ');
}

const CLIMBERS = { tenant: '88888888 · Tencent', kind: 'groups', target: GROUP };
const WEEKLY = { tenant: '88888888 · Tencent', kind: 'rooms', target: 'room-test' };
const DEMO = { tenant: 'SampleApp · IMKIT', kind: 'rooms', target: 'demo-room' };

/** The last call in the journal. @param {any} emulator */
async function last(emulator) {
  const { entries } = await emulator.control('GET', 'journal?kind=exchange&limit=10000');
  return entries.at(-1);
}

describe('act', () => {
  const on = ground();

  it('a member joins, speaks and quits a group', async () => {
    const [one, other] = [await on.show('act'), await on.show(world('tencent', '88888888', 'groups', GROUP))];
    await seen(other, 'member-row', 'pia');
    await on.emulator.tencent('group_open_http_svc/modify_group_base_info', { GroupId: GROUP, ApplyJoinOption: 'FreeAccess' });
    assert.match(await act(one, { ...CLIMBERS, as: 'visitor', action: 'join' }), /HTTP 200/);
    await seen(other, 'member-row', 'visitor');
    assert.match(await act(one, { ...CLIMBERS, as: 'visitor', action: 'message', inputs: { text: 'Hello climbers' } }), /^0 HTTP 200/);
    assert.equal((await last(on.emulator)).operation, 'tencent.groups.send_group_msg');
    await at(other, 'tab-messages').click();
    await seen(other, 'messages-row', /visitor.*Hello climbers/);
    await at(other, 'tab-members').click();
    assert.match(await act(one, { ...CLIMBERS, as: 'visitor', action: 'quit' }), /HTTP 200/);
    await unseen(other, 'member-row', 'visitor');
    assert.match(await act(one, { ...CLIMBERS, as: 'mira', action: 'quit' }), /10009 HTTP 409/);
  });

  it('a member enters a room, takes a seat and leaves', async () => {
    const room = { RoomId: 'stage', RoomType: 'Conference', Owner_Account: 'mira', IsSeatEnabled: true, MaxSeatCount: 4, TakeSeatMode: 'FreeToTake' };
    await on.emulator.tencent('room_engine_http_srv/create_room', { RoomInfo: room });
    const stage = { ...WEEKLY, target: 'stage' };
    const [one, other] = [await on.show('act'), await on.show(world('tencent', '88888888', 'rooms', 'stage'))];
    assert.match(await act(one, { ...stage, as: 'tommy', action: 'enter' }), /HTTP 200/);
    await seen(other, 'member-row', 'tommy');
    assert.match(await act(one, { ...stage, as: 'tommy', action: 'seat', inputs: { seat: '3' } }), /HTTP 200/);
    await seen(other, 'member-row', /tommy.*seat 3/);
    assert.match(await act(one, { ...stage, as: 'tommy', action: 'message', inputs: { text: 'hi' } }), /HTTP 200/);
    assert.match(await act(one, { ...stage, as: 'tommy', action: 'leave' }), /HTTP 200/);
    await unseen(other, 'member-row', 'tommy');
    await at(one, 'nav-calls').click();
    for (const words of ['stage', 'hi']) await seen(one, 'call-row', words);
  });

  it('the administrator adds, mutes, kicks and dissolves by the very calls of a program', async () => {
    await on.emulator.accounts('newcomer');
    const [one, other] = [await on.show('act'), await on.show(world('tencent', '88888888', 'groups', GROUP))];
    const done = async (action, inputs, operation) => {
      assert.match(await act(one, { ...CLIMBERS, action, inputs }), /^0 HTTP 200/);
      const call = await last(on.emulator);
      assert.deepEqual([call.operation, call.reply.body.ErrorCode, call.request.query.identifier], [`tencent.groups.${operation}`, 0, 'administrator']);
    };
    await done('add', { members: 'newcomer' }, 'add_group_member');
    await seen(other, 'member-row', 'newcomer');
    await done('mute', { members: 'newcomer, pia', seconds: '600' }, 'forbid_send_msg');
    await seen(other, 'member-row', /newcomer.*muted/);
    await done('kick', { members: 'newcomer', reason: 'demo' }, 'delete_group_member');
    await unseen(other, 'member-row', 'newcomer');
    await done('dissolve', {}, 'destroy_group');
    await unseen(other, 'entity-row', 'climbers');
    assert.match(await act(one, { ...CLIMBERS, action: 'dissolve' }), /^10010 HTTP 200.*@TGS#2J4SZEAEL/);
  });

  it('a room of the Room Engine is kicked from and dissolved', async () => {
    const [one, other] = [await on.show('act'), await on.show(world('tencent', '88888888', 'rooms', 'room-test'))];
    await seen(other, 'member-row', 'user1');
    assert.match(await act(one, { ...WEEKLY, action: 'kick', inputs: { members: 'user1' } }), /^0 HTTP 200/);
    await unseen(other, 'member-row', 'user1');
    assert.match(await act(one, { ...WEEKLY, action: 'dissolve' }), /^0 HTTP 200/);
    await unseen(other, 'entity-row', 'Weekly');
  });

  it("IMKIT's clients and its administrator act by their own keys", async () => {
    const [one, other] = [await on.show('act'), await on.show(world('imkit', 'SampleApp', 'rooms', 'demo-room'))];
    assert.match(await act(one, { ...DEMO, as: 'ccc', action: 'join' }), /HTTP 200/);
    await seen(other, 'member-row', 'ccc');
    assert.match(await act(one, { ...DEMO, as: 'ccc', action: 'message', inputs: { text: 'guten Tag' } }), /HTTP 200/);
    let call = await last(on.emulator);
    assert.deepEqual([call.operation, 'im-api-key' in call.request.headers], ['imkit.messages.send_message', false]);
    await at(other, 'tab-messages').click();
    await seen(other, 'messages-row', /ccc.*guten Tag/);
    await at(other, 'tab-members').click();
    assert.match(await act(one, { ...DEMO, action: 'kick', inputs: { members: 'ccc' } }), /HTTP 200/);
    call = await last(on.emulator);
    assert.deepEqual(['im-api-key' in call.request.headers, 'im-authorization' in call.request.headers], [true, false]);
    await unseen(other, 'member-row', 'ccc');
    assert.match(await act(one, { ...DEMO, action: 'add', inputs: { members: 'ccc' } }), /HTTP 200/);
    await seen(other, 'member-row', 'ccc');
    assert.match(await act(one, { ...DEMO, as: 'ccc', action: 'leave' }), /HTTP 200/);
    await unseen(other, 'member-row', 'ccc');
    assert.match(await act(one, { ...DEMO, action: 'dissolve' }), /HTTP 200/);
    await unseen(other, 'entity-row', 'Demo');
  });

  it('what is missing is said before anything is sent, and the way from a group leads here', async () => {
    const page = await on.show(world('tencent', '88888888', 'groups', GROUP));
    await at(page, 'entity-act').click();
    assert.equal(await at(page, 'act-target').inputValue(), GROUP);
    await at(page, 'action-message').check();
    await seen(page, 'act-preview', 'As');
    await at(page, 'act-run').click();
    await seen(page, 'act-result', 'As');
    await at(page, 'act-as').fill('mira');
    await seen(page, 'act-preview', 'send_group_msg');
    await eventually(async () => assert.equal((await on.emulator.control('GET', 'journal')).entries.length, 0));
  });
});
