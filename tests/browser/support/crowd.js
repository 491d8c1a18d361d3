// A world with one group of many, and the sizes at which a browser is looked at.
import { at, eventually, world } from './browser.js';

export const SDKAPPID = '99999999';
export const CROWD = world('tencent', SDKAPPID, 'groups', 'crowd');

/** The account of this place in the order of joining. @param {number} place */
export const account = (place) => `user${String(place).padStart(7, '0')}`;

/** A state document with a Community of so many members. @param {number} size */
export function crowd(size) {
  const members = Array.from({ length: size }, (_, place) => ({ Member_Account: account(place), JoinTime: 1767600000 }));
  const group = { GroupId: 'crowd', Type: 'Community', Name: 'Crowd', MaxMemberNum: 1_000_000, CreateTime: 1767600000, LastInfoTime: 1767600000, MemberList: members };
  return { imulator: 1, tencent: { [SDKAPPID]: { groups: [group, { GroupId: 'other', Type: 'Public', Name: 'Other' }] } } };
}

/** Scrolls the members to a part of their whole height, and waits until they stand there. @param {any} page @param {number} part */
export async function scroll(page, part) {
  await at(page, 'member-list').evaluate((list, to) => { list.scrollTop = to * (list.scrollHeight - list.clientHeight); }, part);
  return eventually(async () => {
    // Those in the window itself, not those kept ready above and below it.
    const seen = await at(page, 'member-list').evaluate((list) => {
      const room = list.getBoundingClientRect();
      const rows = [...list.querySelectorAll('[data-testid=member-row]')];
      const inside = rows.filter((row) => row.getBoundingClientRect().bottom > room.top + 30 && row.getBoundingClientRect().top < room.bottom);
      return inside.map((row) => row.dataset.id);
    });
    if (!seen.length || seen.some((id) => !id)) throw new Error(`not shown at ${part}: ${seen}`);
    return seen.sort();
  });
}
