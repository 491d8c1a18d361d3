// World: tenants, groups, rooms and members, searched, paged and kept up to date by the stream.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { at, connection, eventually, seen, unseen, world } from './support/browser.js';
import { Emulator } from './support/emulator.js';
import { ground } from './support/ground.js';

const GROUP = '@TGS#2J4SZEAEL';
const CLIMBERS = world('tencent', '88888888', 'groups', GROUP);

/** The rows of a list as they stand. @param {any} page @param {string} id */
const rows = async (page, id) => (await at(page, id).allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());

describe('world', () => {
  const on = ground();

  it('leads from tenants to groups to members', async () => {
    const page = await on.show('');
    await seen(page, 'tenant-row', '88888888');
    await seen(page, 'tenant-row', 'SampleApp');
    await at(page, 'tenant-row', 'Groups').click();
    await at(page, 'entity-row', 'climbers').click();
    await seen(page, 'member-row', 'pia');
    const shown = await rows(page, 'member-row');
    assert.deepEqual(shown.map((row) => row.split(' ')[0]), ['mira', 'tommy', 'jared', 'otto', 'pia']);
    assert.match(shown[0], /Mira.*Owner/);
    assert.match(shown[3], /Admin/);
    assert.equal(new URL(page.url()).hash, `#${CLIMBERS}`);
  });

  it('shows mutes, bans, seats, name cards and unread messages', async () => {
    await on.emulator.tencent('group_open_http_svc/forbid_send_msg', { GroupId: GROUP, Members_Account: ['tommy'], MuteTime: 3600 });
    await on.emulator.tencent('group_open_http_svc/ban_group_member', { GroupId: GROUP, Members_Account: ['pia'], Duration: 3600 });
    await on.emulator.tencent('group_open_http_svc/modify_group_member_info', { GroupId: GROUP, Member_Account: 'otto', NameCard: 'Otto the Great' });
    const room = { RoomId: 'stage', RoomType: 'Conference', RoomName: 'Stage', Owner_Account: 'mira', IsSeatEnabled: true, MaxSeatCount: 4, TakeSeatMode: 'FreeToTake' };
    await on.emulator.tencent('room_engine_http_srv/create_room', { RoomInfo: room });
    await on.emulator.control('POST', 'tencent/88888888/rooms/stage/enter', { Member_Account: 'tommy' });
    await on.emulator.control('POST', 'tencent/88888888/rooms/stage/seat', { Member_Account: 'tommy', Index: 2 });
    const page = await on.show(CLIMBERS);
    await seen(page, 'member-row', /tommy.*muted until 20\d\d-/);
    await seen(page, 'member-row', 'Otto the Great');
    await at(page, 'tab-banned').click();
    await seen(page, 'banned-row', /pia.*20\d\d-/);
    await page.goto(`${on.emulator.url}/_imulator/#${world('tencent', '88888888', 'rooms', 'stage')}`);
    await seen(page, 'member-row', /tommy.*seat 2/);
    await seen(page, 'entity-row', '1/4');
    await page.goto(`${on.emulator.url}/_imulator/#${world('imkit', 'SampleApp', 'rooms', 'demo-room')}`);
    await seen(page, 'member-row', /STARBUCKS.*180 unread/);
    await at(page, 'tab-messages').click();
    await seen(page, 'messages-row', 'CCC');
  });

  it('two pages see at once what happens, marked', async () => {
    const [one, other] = [await on.show(CLIMBERS), await on.show(CLIMBERS)];
    for (const page of [one, other]) await seen(page, 'member-row', 'pia');
    await on.emulator.accounts('newcomer');
    await on.emulator.tencent('group_open_http_svc/add_group_member', { GroupId: GROUP, MemberList: [{ Member_Account: 'newcomer' }] });
    for (const page of [one, other]) {
      await seen(page, 'member-row', 'newcomer');
      await page.locator('[data-testid=member-row].fresh', { hasText: 'newcomer' }).waitFor();
      await page.locator('[data-testid=entity-row].fresh', { hasText: 'climbers' }).waitFor();
      await seen(page, 'entity-row', '6 / 2,000');
    }
    await on.emulator.tencent('group_open_http_svc/delete_group_member', { GroupId: GROUP, MemberToDel_Account: ['newcomer', 'tommy'] });
    for (const page of [one, other]) {
      await unseen(page, 'member-row', 'newcomer');
      await unseen(page, 'member-row', 'tommy');
    }
    await on.emulator.tencent('group_open_http_svc/create_group', { Type: 'Public', GroupId: 'fresh', Name: 'Fresh one', Owner_Account: 'mira' });
    for (const page of [one, other]) await seen(page, 'entity-row', 'Fresh one');
    await on.emulator.tencent('group_open_http_svc/destroy_group', { GroupId: GROUP });
    for (const page of [one, other]) {
      await unseen(page, 'entity-row', 'climbers');
      await page.getByText('Gone: it was dissolved').waitFor();
    }
    await one.locator('.fresh').first().waitFor({ state: 'hidden' });
  });

  it('finds entities and members by id and name', async () => {
    const groups = [...Array(30).keys()].map((n) => ({ GroupId: `g${n}`, Type: 'Public', Name: `Team ${n}`, Owner_Account: 'mira',
      MemberList: [...Array(300).keys()].map((m) => ({ Member_Account: `u${m}` })) }));
    await on.emulator.control('POST', 'seed', { imulator: 1, tencent: { 88888888: { groups } } });
    const page = await on.show(world('tencent', '88888888', 'groups'));
    await seen(page, 'entity-count', '31');
    await at(page, 'search-box').fill('tEAM 2');
    await seen(page, 'entity-count', '11 of 31');
    assert.equal((await rows(page, 'entity-row')).length, 11);
    await at(page, 'entity-row', 'Team 27').click();
    await at(page, 'member-search').fill('U29');
    await seen(page, 'member-count', '11 of 301');
    await eventually(async () => assert.match((await rows(page, 'member-row'))[0], /^u29\b/));
  });

  it('is walked by the keyboard', async () => {
    const page = await on.show('');
    await seen(page, 'entity-row', 'climbers');
    await at(page, 'tenant-list').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await seen(page, 'entity-row', 'Weekly');
    await at(page, 'entity-list').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await seen(page, 'member-row', 'user3');
    const active = await at(page, 'entity-list').getAttribute('aria-activedescendant');
    assert.equal(await page.locator(`#${active}`).getAttribute('aria-selected'), 'true');
    await page.getByRole('tab', { name: 'Members' }).focus();
    await page.keyboard.press('ArrowRight');
    assert.equal(await page.getByRole('tab', { selected: true }).innerText(), 'Messages');
  });

  it('says that a tenant was dropped while it is shown, and shows it again when it is back', async () => {
    const page = await on.show(CLIMBERS);
    await seen(page, 'member-row', 'pia');
    await on.emulator.control('DELETE', 'tenants/tencent/88888888');
    await page.getByText('This tenant was dropped: tencent/88888888').waitFor();
    await unseen(page, 'member-row', 'pia');
    await on.emulator.control('POST', 'reset', { tenant: { tencent: '88888888' } });
    await seen(page, 'member-row', 'pia');
    await at(page, 'tenant-gone').waitFor({ state: 'hidden' });
  });

  it('says that the emulator is gone, and goes on by itself when it is back', async () => {
    const page = await on.show(CLIMBERS);
    await seen(page, 'member-row', 'pia');
    const { listen } = on.emulator;
    await on.emulator.stop();
    await connection(page, 'lost');
    await seen(page, 'toast', 'The emulator does not answer');
    await seen(page, 'member-row', 'pia');
    on.emulator = await Emulator.start({ listen });
    await on.emulator.accounts('latecomer');
    await on.emulator.tencent('group_open_http_svc/add_group_member', { GroupId: GROUP, MemberList: [{ Member_Account: 'latecomer' }] });
    await connection(page, 'live');
    await seen(page, 'toast', 'Connected again');
    await seen(page, 'member-row', 'latecomer');
    await on.emulator.tencent('group_open_http_svc/delete_group_member', { GroupId: GROUP, MemberToDel_Account: ['latecomer'] });
    await unseen(page, 'member-row', 'latecomer');
  });

  it('shows one pane at a time where there is room for no more', async () => {
    const page = await on.show('', { options: { viewport: { width: 360, height: 640 } } });
    await at(page, 'tenant-row', 'Groups').click();
    await at(page, 'entity-row', 'climbers').click();
    await seen(page, 'member-row', 'pia');
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is wider than the window');
    await page.getByRole('button', { name: 'Back' }).click();
    await seen(page, 'entity-row', 'climbers');
    await page.getByRole('button', { name: 'Back' }).click();
    await seen(page, 'tenant-row', 'Groups');
  });
});
