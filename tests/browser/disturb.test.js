// Disturb: fault rules, the clock, the world as a file; both pages see what either does.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';

import { at, eventually, seen, unseen, world } from './support/browser.js';
import { fixture } from './support/emulator.js';
import { ground } from './support/ground.js';

const GROUP = '@TGS#2J4SZEAEL';
const RENAME = 'tencent.groups.modify_group_base_info';

describe('disturb', () => {
  const on = ground();
  const rename = (code) => on.emulator.tencent('group_open_http_svc/modify_group_base_info', { GroupId: GROUP, Name: 'renamed' }, code);

  it('a documented error is chosen for an operation, befalls it, is turned off and on, and taken away', async () => {
    const [one, other] = [await on.show('disturb'), await on.show('disturb')];
    await at(one, 'fault-operation').fill(RENAME);
    await at(one, 'fault-error').locator('option', { hasText: '10015' }).waitFor({ state: 'attached' });
    await at(one, 'fault-error').selectOption({ label: await at(one, 'fault-error').locator('option', { hasText: '10015' }).innerText() });
    await at(one, 'fault-add').click();
    for (const page of [one, other]) await seen(page, 'fault-row', RENAME);
    await rename(10015);
    for (const page of [one, other]) await seen(page, 'fault-row', /10015.*1/s);
    await at(other, 'fault-toggle').click();
    await eventually(async () => assert.equal(await at(one, 'fault-toggle').isChecked(), false));
    await rename(0);
    await at(one, 'fault-toggle').click();
    await eventually(async () => assert.equal(await at(other, 'fault-toggle').isChecked(), true));
    await rename(10015);
    await at(other, 'fault-remove').click();
    await unseen(one, 'fault-row', RENAME);
    await rename(0);
    await at(one, 'nav-calls').click();
    await at(one, 'call-row', '10015').first().click();
    await at(one, 'call-detail').getByText('A fault rule befell it').waitFor();
  });

  it('other faults than errors: a status, times, a rule that is refused', async () => {
    const page = await on.show('disturb');
    await at(page, 'fault-operation').fill(RENAME);
    await at(page, 'fault-then').selectOption('status');
    await at(page, 'fault-number').fill('503');
    await at(page, 'fault-times').fill('1');
    await at(page, 'fault-add').click();
    await seen(page, 'fault-row', /HTTP 503.*×1/s);
    const answer = await fetch(`${on.emulator.url}/v4/group_open_http_svc/modify_group_base_info?sdkappid=88888888&identifier=admin&usersig=x`, { method: 'POST', body: '{}' });
    assert.equal(answer.status, 503);
    await rename(0);
    await at(page, 'fault-operation').fill('tencent.groups.rename_group');
    await at(page, 'fault-add').click();
    await seen(page, 'toast', /Refused.*rename_group/);
    assert.equal(await at(page, 'fault-row').count(), 1);
  });

  it('the clock is frozen, advanced, set and let go', async () => {
    const [one, other] = [await on.show('disturb'), await on.show('disturb')];
    await at(one, 'clock-freeze').click();
    for (const page of [one, other]) await eventually(async () => assert.match(await at(page, 'clock-mode').innerText(), /still|frozen/i));
    await at(one, 'clock-to').fill('2026-01-05T09:00:00Z');
    await at(one, 'clock-set').click();
    for (const page of [one, other]) await seen(page, 'clock-now', '2026-01-05 09:00:00 UTC');
    await at(other, 'clock-by').fill('90');
    await at(other, 'clock-unit').selectOption('minutes');
    await at(other, 'clock-advance').click();
    for (const page of [one, other]) await seen(page, 'clock-now', '2026-01-05 10:30:00 UTC');
    assert.deepEqual(await on.emulator.control('GET', 'clock'), { now: '2026-01-05T10:30:00.000Z', mode: 'manual' });
    await at(one, 'clock-to').fill('yesterday');
    await at(one, 'clock-set').click();
    await seen(one, 'toast', 'Refused');
    await at(other, 'clock-freeze').click();
    await eventually(async () => assert.equal((await on.emulator.control('GET', 'clock')).mode, 'system'));
  });

  it('the world is seeded from a file, kept as a file, and reset', async () => {
    const [one, other] = [await on.show('disturb'), await on.show(world('tencent', '88888888', 'groups'))];
    await seen(other, 'entity-row', 'climbers');
    const more = { imulator: 1, tencent: { 88888888: { groups: [{ GroupId: 'seeded', Type: 'Public', Name: 'From a file', Owner_Account: 'mira' }] } } };
    await at(one, 'seed-file').setInputFiles({ name: 'more.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(more)) });
    await seen(one, 'toast', 'more.json');
    await seen(other, 'entity-row', 'From a file');
    const [download] = await Promise.all([one.waitForEvent('download'), at(one, 'snapshot').click()]);
    const kept = JSON.parse(await readFile(await download.path(), 'utf8'));
    assert.deepEqual(kept, await on.emulator.control('GET', 'state'));
    await at(one, 'reset').click();
    await at(one, 'reset-no').click();
    await at(one, 'reset').click();
    await at(one, 'reset-yes').click();
    await unseen(other, 'entity-row', 'From a file');
    await seen(other, 'entity-row', 'climbers');
    assert.equal((await on.emulator.control('GET', 'health')).epoch, 2, 'one reset, not two');
    await at(one, 'seed-file').setInputFiles({ name: 'bad.json', mimeType: 'application/json', buffer: Buffer.from('{"imulator": 1, "tencnt": {}}') });
    await seen(one, 'toast', /Refused.*tencnt/);
    await at(one, 'seed-file').setInputFiles(fixture('worlds/hostile.json'));
    await seen(one, 'toast', 'hostile.json');
  });
});
