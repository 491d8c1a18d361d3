// What can be done, and the call that does it: the very one that a program, or a client's SDK, would send.
import { segment } from './control.js';

/**
 * @typedef {{ family: string, tenant: string, id: string, as: string }} Place
 * @typedef {{ name: string, kind: 'text' | 'number' | 'check' | 'choice', needed?: boolean, value?: any, choices?: string[] }} Input
 * @typedef {{
 *   id: string, who: 'member' | 'admin', of: string, inputs: Input[], client?: boolean,
 *   call: (place: Place, given: Record<string, any>) => import('./vendor.js').Request_,
 * }} Action
 */

/** @type {Record<string, Input>} */
const IN = {
  members: { name: 'members', kind: 'text', needed: true },
  text: { name: 'text', kind: 'text', needed: true, value: 'hello' },
  reason: { name: 'reason', kind: 'text' },
  seconds: { name: 'seconds', kind: 'number', needed: true, value: 600 },
  seat: { name: 'seat', kind: 'number' },
  seats: { name: 'seats', kind: 'number' },
  password: { name: 'password', kind: 'text' },
  name: { name: 'name', kind: 'text', needed: true },
  owner: { name: 'owner', kind: 'text' },
  silent: { name: 'silent', kind: 'check' },
  groupRole: { name: 'role', kind: 'choice', choices: ['Admin', 'Member'], value: 'Admin' },
  groupType: { name: 'type', kind: 'choice', choices: ['Public', 'Private', 'ChatRoom', 'AVChatRoom', 'Community'], value: 'Public' },
};

/** Names separated by commas or lines. @param {string} text */
export function list(text) {
  return text.split(/[,\n]/).map((name) => name.trim()).filter(Boolean);
}

/** A request of Tencent's. @param {string} command @param {any} body */
function tencent(command, body) {
  return { method: 'POST', path: `/v4/${command}`, query: {}, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

/** A client of Tencent's, who has an SDK in place of HTTP. @param {Place} place @param {string} kind @param {string} verb @param {any} [more] */
function client(place, kind, verb, more = {}) {
  const path = `/_imulator/tencent/${segment(place.tenant)}/${kind}/${segment(place.id)}/${verb}`;
  const body = JSON.stringify({ Member_Account: place.as, ...more });
  return { method: 'POST', path, headers: { 'Content-Type': 'application/json' }, body };
}

/** A request of IMKIT's. @param {string} method @param {string} path @param {any} [body] */
function imkit(method, path, body) {
  const headers = body === undefined ? {} : { 'Content-Type': 'application/json; charset=utf-8' };
  return { method, path, headers: /** @type {Record<string, string>} */ (headers), body: body === undefined ? null : JSON.stringify(body) };
}

/** @param {string} name */
const group = (name) => `group_open_http_svc/${name}`;
/** @param {string} name */
const room = (name) => `room_engine_http_srv/${name}`;
/** A member that is sent only where something was given. @param {string} name @param {any} value */
const given = (name, value) => (value === undefined || value === '' || value === false || value === null ? {} : { [name]: value });
const chance = () => Math.floor(Math.random() * 2 ** 32);

/** @param {string} text */
const words = (text) => [{ MsgType: 'TIMTextElem', MsgContent: { Text: text } }];

/** Every action, in the order in which it is offered. @type {Action[]} */
export const ACTIONS = [
  { id: 'join', who: 'member', of: 'tencent/groups', client: true, inputs: [], call: (at) => client(at, 'groups', 'join') },
  { id: 'quit', who: 'member', of: 'tencent/groups', client: true, inputs: [], call: (at) => client(at, 'groups', 'quit') },
  { id: 'message', who: 'member', of: 'tencent/groups', inputs: [IN.text], call: (at, its) => tencent(group('send_group_msg'),
    { GroupId: at.id, Random: chance(), From_Account: at.as, MsgBody: words(its.text) }) },
  { id: 'add', who: 'admin', of: 'tencent/groups', inputs: [IN.members, IN.silent], call: (at, its) => tencent(group('add_group_member'),
    { GroupId: at.id, ...given('Silence', its.silent ? 1 : ''), MemberList: list(its.members).map((name) => ({ Member_Account: name })) }) },
  { id: 'kick', who: 'admin', of: 'tencent/groups', inputs: [IN.members, IN.reason, IN.silent], call: (at, its) => tencent(group('delete_group_member'),
    { GroupId: at.id, ...given('Silence', its.silent ? 1 : ''), ...given('Reason', its.reason), MemberToDel_Account: list(its.members) }) },
  { id: 'mute', who: 'admin', of: 'tencent/groups', inputs: [IN.members, IN.seconds], call: (at, its) => tencent(group('forbid_send_msg'),
    { GroupId: at.id, Members_Account: list(its.members), MuteTime: its.seconds }) },
  { id: 'ban', who: 'admin', of: 'tencent/groups', inputs: [IN.members, IN.seconds, IN.reason], call: (at, its) => tencent(group('ban_group_member'),
    { GroupId: at.id, Members_Account: list(its.members), Duration: its.seconds, ...given('Description', its.reason) }) },
  { id: 'role', who: 'admin', of: 'tencent/groups', inputs: [{ ...IN.members, name: 'member' }, IN.groupRole], call: (at, its) => tencent(group('modify_group_member_info'),
    { GroupId: at.id, Member_Account: its.member.trim(), Role: its.role }) },
  { id: 'notice', who: 'admin', of: 'tencent/groups', inputs: [IN.text], call: (at, its) => tencent(group('send_group_system_notification'),
    { GroupId: at.id, Content: its.text }) },
  { id: 'create', who: 'admin', of: 'tencent/groups', inputs: [IN.name, IN.groupType, IN.owner], call: (at, its) => tencent(group('create_group'),
    { ...given('GroupId', at.id), ...given('Owner_Account', its.owner), Type: its.type, Name: its.name }) },
  { id: 'dissolve', who: 'admin', of: 'tencent/groups', inputs: [], call: (at) => tencent(group('destroy_group'), { GroupId: at.id }) },

  { id: 'enter', who: 'member', of: 'tencent/rooms', client: true, inputs: [IN.password], call: (at, its) => client(at, 'rooms', 'enter', given('Password', its.password)) },
  { id: 'leave', who: 'member', of: 'tencent/rooms', client: true, inputs: [], call: (at) => client(at, 'rooms', 'leave') },
  { id: 'seat', who: 'member', of: 'tencent/rooms', client: true, inputs: [IN.seat], call: (at, its) => client(at, 'rooms', 'seat', { Action: 'take', ...given('Index', its.seat) }) },
  { id: 'unseat', who: 'member', of: 'tencent/rooms', client: true, inputs: [], call: (at) => client(at, 'rooms', 'seat', { Action: 'leave' }) },
  { id: 'message', who: 'member', of: 'tencent/rooms', client: true, inputs: [IN.text], call: (at, its) => client(at, 'rooms', 'message', { Text: its.text }) },
  { id: 'kick', who: 'admin', of: 'tencent/rooms', inputs: [IN.members, IN.reason], call: (at, its) => tencent(room('kick_user_out'),
    { RoomId: at.id, MemberList_Account: list(its.members), Reason: its.reason ?? '' }) },
  { id: 'mute', who: 'admin', of: 'tencent/rooms', inputs: [IN.members, IN.seconds], call: (at, its) => tencent(room('mute_room_member'),
    { RoomId: at.id, MemberList_Account: list(its.members), MuteTime: its.seconds }) },
  { id: 'ban', who: 'admin', of: 'tencent/rooms', inputs: [IN.members, IN.seconds, { ...IN.reason, needed: true }], call: (at, its) => tencent(room('ban_room_member'),
    { RoomId: at.id, MemberList_Account: list(its.members), Duration: its.seconds, Reason: its.reason }) },
  { id: 'pick', who: 'admin', of: 'tencent/rooms', inputs: [{ ...IN.members, name: 'member' }, { ...IN.seat, needed: true, value: 0 }], call: (at, its) => tencent('room_engine_http_mic/pick_user_on_seat',
    { RoomId: at.id, Member_Account: its.member.trim(), Index: its.seat }) },
  { id: 'unpick', who: 'admin', of: 'tencent/rooms', inputs: [{ ...IN.members, name: 'member' }], call: (at, its) => tencent('room_engine_http_mic/kick_user_off_seat',
    { RoomId: at.id, Member_Account: its.member.trim() }) },
  { id: 'create', who: 'admin', of: 'tencent/rooms', inputs: [IN.name, { ...IN.owner, needed: true }, IN.seats], call: (at, its) => tencent(room('create_room'),
    { RoomInfo: { RoomId: at.id, RoomType: 'Conference', RoomName: its.name, Owner_Account: its.owner,
      ...(its.seats ? { IsSeatEnabled: true, TakeSeatMode: 'FreeToTake', MaxSeatCount: its.seats } : {}) } }) },
  { id: 'dissolve', who: 'admin', of: 'tencent/rooms', inputs: [], call: (at) => tencent(room('destroy_room'), { RoomId: at.id }) },

  { id: 'join', who: 'member', of: 'imkit/rooms', inputs: [], call: (at) => imkit('POST', `/rooms/${segment(at.id)}/join`, {}) },
  { id: 'leave', who: 'member', of: 'imkit/rooms', inputs: [], call: (at) => imkit('DELETE', `/rooms/${segment(at.id)}/members/${segment(at.as)}`) },
  { id: 'message', who: 'member', of: 'imkit/rooms', inputs: [IN.text], call: (at, its) => imkit('POST', `/rooms/${segment(at.id)}/message`,
    { message: its.text, messageType: 'text' }) },
  { id: 'add', who: 'admin', of: 'imkit/rooms', inputs: [IN.members], call: (at, its) => imkit('POST', `/rooms/${segment(at.id)}/members`,
    { invitees: list(its.members), systemMessage: true }) },
  { id: 'kick', who: 'admin', of: 'imkit/rooms', inputs: [IN.members], call: (at, its) => imkit('POST', `/rooms/${segment(at.id)}/delete/members`,
    { members: list(its.members), systemMessage: true }) },
  { id: 'mute', who: 'admin', of: 'imkit/rooms', inputs: [{ ...IN.members, name: 'member' }], call: (at, its) => imkit('POST', `/admin/clients/${segment(its.member.trim())}/mute/${segment(at.id)}`) },
  { id: 'ban', who: 'admin', of: 'imkit/rooms', inputs: [{ ...IN.members, name: 'member' }], call: (at, its) => imkit('POST', `/blockStatus/room/${segment(at.id)}/${segment(its.member.trim())}`) },
  { id: 'create', who: 'admin', of: 'imkit/rooms', inputs: [IN.name, { ...IN.members, needed: false }], call: (at, its) => imkit('POST', '/rooms',
    { _id: at.id, name: its.name, roomType: 'group', members: list(its.members ?? '') }) },
  { id: 'dissolve', who: 'admin', of: 'imkit/rooms', inputs: [], call: (at) => imkit('DELETE', `/rooms/${segment(at.id)}`) },
];
