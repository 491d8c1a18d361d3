// Pictures of each view on the demo world, for docs/dashboard: made where DASHBOARD_PICTURES names a folder.
//
// DASHBOARD_PICTURES=docs/dashboard node --test tests/browser/pictures.test.js
import assert from 'node:assert/strict';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { at, eventually, seen, world } from './support/browser.js';
import { ground } from './support/ground.js';

const FOLDER = process.env.DASHBOARD_PICTURES;
const BYTES_MAX = 150_000;
const GROUP = '@TGS#2J4SZEAEL';
const LOOKS = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  chinese: { locale: 'zh-CN' },
  narrow: { viewport: { width: 360, height: 720 }, deviceScaleFactor: 2 },
};
/** Which pictures there are: every view in the light, the others once or twice. */
const WANTED = ['world-light', 'calls-light', 'act-light', 'disturb-light', 'charts-light', 'world-dark', 'calls-dark',
  'charts-dark', 'world-chinese', 'calls-chinese', 'world-narrow', 'calls-narrow', 'act-narrow', 'disturb-narrow', 'charts-narrow'];

/** A little life in the demo world. @param {any} emulator */
async function live(emulator) {
  const group = (command, body, code) => emulator.tencent(`group_open_http_svc/${command}`, { GroupId: GROUP, ...body }, code);
  await emulator.accounts('ines', 'kofi', 'yuki');
  await group('add_group_member', { MemberList: [{ Member_Account: 'ines' }, { Member_Account: 'kofi' }, { Member_Account: 'yuki' }] });
  await group('forbid_send_msg', { Members_Account: ['tommy'], MuteTime: 3600 });
  await group('modify_group_member_info', { Member_Account: 'otto', NameCard: 'Otto (belays)' });
  const say = (from, text, random) => group('send_group_msg', { From_Account: from, Random: random, MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: text } }] });
  await say('mira', 'Who climbs on Sunday?', 1);
  await say('pia', 'I do, the north face', 2);
  await say('tommy', 'me too', 3).catch(() => {});
  await emulator.tencent('room_engine_http_srv/kick_user_out', { RoomId: 'room-test', MemberList_Account: ['nobody'], Reason: '' }, 100005).catch(() => {});
  await emulator.tencent('group_open_http_svc/destroy_group', { GroupId: 'nowhere' }, 10010);
  await emulator.imkit('GET', '/rooms/demo-room');
  await emulator.imkit('POST', '/rooms/demo-room/message', { message: 'Guten Morgen', messageType: 'text', sender: 'aaa' });
  await emulator.control('POST', 'faults', [{ id: 'slow-kick', match: { operation: 'tencent.groups.delete_group_member' }, delay_ms: 250, times: 3 },
    { id: 'flaky-messages', match: { operation: 'imkit.messages.*' }, chance: 0.5, then: { status: 502 } }]);
  await group('delete_group_member', { MemberToDel_Account: ['kofi'], Reason: 'moved away' });
}

describe('pictures', { skip: !FOLDER }, () => {
  const on = ground();

  for (const wanted of WANTED) {
    it(wanted, async () => {
      const [view, look] = wanted.split('-');
      await mkdir(FOLDER, { recursive: true });
      await live(on.emulator);
      const page = await on.show(view === 'world' ? world('tencent', '88888888', 'groups', GROUP) : view, { options: LOOKS[look] });
      if (view === 'world') await seen(page, 'member-row', 'yuki');
      if (view === 'calls') {
        await at(page, 'call-row', 'delete_group_member').click();
        await seen(page, 'call-event', 'kofi');
      }
      if (view === 'act') {
        await at(page, 'act-target').fill(GROUP);
        await at(page, 'act-as').fill('ines');
        await at(page, 'action-message').check();
        await at(page, 'act-run').click();
        await at(page, 'act-result').locator('.chip').waitFor();
      }
      if (view === 'disturb') {
        await seen(page, 'fault-row', 'slow-kick');
        await at(page, 'fault-operation').fill('tencent.groups.add_group_member');
      }
      if (view === 'charts') {
        for (const code of [10010, 10010, 0]) {
          const id = code ? 'nowhere' : GROUP;
          await on.emulator.tencent('group_open_http_svc/modify_group_base_info', { GroupId: id, Name: 'climbers' }, code);
        }
        await seen(page, 'chart-code', '10010');
      }
      // What has just come is no longer marked, what was said at the edge is gone.
      await eventually(async () => assert.equal(await page.locator('.fresh, .toast').count(), 0));
      const path = join(FOLDER, `${wanted}.png`);
      await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
      const { size } = await stat(path);
      assert.ok(size < BYTES_MAX, `${wanted} has ${size} bytes`);
    });
  }
});
