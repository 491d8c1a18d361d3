// Two people on the published Socket.IO client: they sign in, see each other's messages, an invitation and a removal.
// Takes the URL of a running emulator and starts nothing itself: node people.js http://127.0.0.1:3100

import assert from "node:assert/strict";
import { io } from "socket.io-client";

const url = process.argv[2] ?? "http://127.0.0.1:3100";
// The longest that anything here waits, in milliseconds.
const PATIENCE = 20_000;
// And all of it together.
setTimeout(() => {
  console.error("this takes too long");
  process.exit(1);
}, 4 * PATIENCE).unref();
// A key that nobody knows opens an application of its own.
const key = `socketio-${process.pid}-${Date.now()}`;

/** A call as a person, or by the API key; its result. */
async function call(method, path, body, token) {
  const who = token ? { "IM-CLIENT-KEY": key, "IM-Authorization": token } : { "IM-API-KEY": key };
  const headers = { ...who, "Content-Type": "application/json; charset=utf-8" };
  const response = await fetch(url + path, { method, headers, body: JSON.stringify(body) });
  const reply = await response.json();
  assert.equal(reply.RC, 0, `${method} ${path}: ${JSON.stringify(reply)}`);
  return reply.result;
}

const unpacked = (payload) => JSON.parse(Buffer.from(payload, "base64").toString("utf8"));

/** Somebody with a socket. */
class Person {
  constructor(id, { encoded, ...options }) {
    this.id = id;
    this.token = `token-of-${id}`;
    this.encoded = encoded;
    this.heard = [];
    this.waiting = [];
    this.socket = io(url, { forceNew: true, reconnection: false, autoConnect: false, ...options });
    this.socket.onAny((event, ...args) => {
      assert.equal(args.length, 1, `${event} has one argument`);
      const payload = encoded ? unpacked(args[0]) : args[0];
      this.heard.push({ event, payload });
      this.waiting.shift()?.();
    });
  }

  asks(event, ...args) {
    return this.socket.timeout(PATIENCE).emitWithAck(event, ...args);
  }

  async signsIn() {
    await new Promise((resolve, reject) => {
      this.socket.on("connect", resolve).on("connect_error", reject).connect();
    });
    if (this.encoded) {
      assert.deepEqual(await this.asks("conf", { encoding: "base64" }), { RC: 0, RM: "OK", result: {} });
    }
    const answer = await this.asks("auth2", this.token, { CLIENT_KEY: key, Authorization: this.token });
    const envelope = { RC: 0, RM: "OK", result: { client: this.id } };
    assert.deepEqual(this.encoded ? unpacked(answer) : answer, envelope);
  }

  /** The payload of the next event, which has to be this one. */
  async hears(wanted) {
    if (this.heard.length === 0) {
      await new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${this.id} waited in vain for ${wanted}`)), PATIENCE);
        this.waiting.push(() => (clearTimeout(timer), resolve()));
      });
    }
    const { event, payload } = this.heard.shift();
    assert.equal(event, wanted);
    return payload;
  }

  /** The socket ends by itself. */
  ends() {
    if (this.socket.disconnected) return undefined;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${this.id}'s socket stays`)), PATIENCE);
      this.socket.on("disconnect", () => (clearTimeout(timer), resolve()));
    });
  }
}

/** Checks names and their order, and gives the values back. */
function fields(object, ...names) {
  assert.deepEqual(Object.keys(object), names, JSON.stringify(object));
  return object;
}

const reduced = (id, nickname) => ({ _id: id, nickname, id, lastLoginTimeMS: 0 });

function checkMessage(message, room, sender, text) {
  fields(
    message,
    ...["reactions", "_id", "room", "messageType", "sender", "message", "appID", "id"],
    ...["messageTimeMS", "updatedAtMS", "createdAtMS", "reactionCount"],
  );
  assert.match(message._id, /^[0-9a-f]{24}$/);
  assert.equal(message.id, message._id);
  fields(message.sender, "_id", "nickname", "id", "lastLoginTimeMS");
  assert.ok(message.sender.lastLoginTimeMS > 0);
  assert.deepEqual(
    [message.room, message.messageType, message.sender._id, message.message, message.appID, message.reactions],
    [room, "text", sender, text, key, []],
  );
  assert.ok(Number.isInteger(message.messageTimeMS) && message.createdAtMS === message.messageTimeMS);
}

function checkRoom(room, id, members) {
  const { lastMessage, ...rest } = room;
  fields(
    rest,
    ...["_id", "name", "roomType", "botState", "botMode", "encrypted", "serviceStatus", "roomTags", "status"],
    ...["memberProperties", "members", "id", "createdTimeMS"],
  );
  assert.deepEqual([room._id, room.id, room.members.map((member) => member._id)], [id, id, members]);
  assert.ok(room.members.every((member) => member.clientType === "user" && member.isRobot === false));
}

async function meets(name, options) {
  const id = (who) => `${who}-${name}`;
  const [ann, ben, cho] = ["ann", "ben", "cho"].map((who) => new Person(id(who), options));
  for (const [person, nickname] of [[ann, "Ann"], [ben, "Ben"], [cho, "Cho"]]) {
    await call("POST", "/admin/clients", { _id: person.id, nickname, token: person.token });
  }
  const room = `room-${name}`;
  await call("POST", "/rooms", { _id: room, name: "Room", roomType: "group", members: [ann.id, ben.id] });
  await Promise.all([ann.signsIn(), ben.signsIn(), cho.signsIn()]);

  // The other's message, by socket and by HTTP; the sender gets it too, as the answer said.
  const answer = await ann.asks("chat message", { room, message: "hello 茶", messageType: "text" });
  fields(answer, "RC", "RM", "result");
  for (const person of [ann, ben]) {
    const message = await person.hears("chat message");
    checkMessage(message, room, ann.id, "hello 茶");
    assert.deepEqual(message, answer.result);
  }
  await call("POST", `/rooms/${room}/message`, { message: "and back" }, ben.token);
  checkMessage(await ann.hears("chat message"), room, ben.id, "and back");
  await ben.hears("chat message");

  // An invitation, to the invited alone.
  await call("POST", `/rooms/${room}/members`, { invitees: [cho.id], invitationRequired: true }, ann.token);
  const invitation = await cho.hears("invitation");
  fields(invitation, "invitee", "inviter", "room", "createdAt", "updatedAt", "createdTimeMS", "updatedTimeMS");
  assert.deepEqual([invitation.invitee, invitation.inviter], [reduced(cho.id, "Cho"), reduced(ann.id, "Ann")]);
  assert.deepEqual([invitation.room._id, invitation.room.appID], [room, key]);
  assert.equal(new Date(invitation.createdAt).toISOString(), invitation.createdAt);
  await call("POST", `/rooms/${room}/join`, {}, cho.token);
  for (const person of [ann, ben, cho]) checkRoom(await person.hears("room"), room, [ann.id, ben.id, cho.id]);

  // A removal: the message to all, the room to those who stay.
  await call("POST", `/rooms/${room}/delete/members`, { members: [ben.id], systemMessage: true }, ann.token);
  for (const person of [ann, ben, cho]) {
    const message = await person.hears("chat message");
    assert.deepEqual([message.messageType, message.message], ["deleteMember", "Ben"]);
    assert.deepEqual(message.member, reduced(ben.id, "Ben"));
    assert.deepEqual(message.extra, { members: [{ _id: ben.id, nickname: "Ben" }] });
    assert.equal(message.sender._id, ann.id);
  }
  for (const person of [ann, cho]) checkRoom(await person.hears("room"), room, [ann.id, cho.id]);
  const refused = await ben.asks("chat message", { room, message: "let me in" });
  assert.deepEqual([refused.RC, refused.error.code], [403, "NOT_ROOM_MEMBER"]);

  // A wrong token.
  const stranger = await ben.asks("auth2", "no token of anybody", { CLIENT_KEY: key });
  assert.equal((ben.encoded ? unpacked(stranger) : stranger).RC, 401);
  assert.deepEqual([ann.heard, ben.heard, cho.heard], [[], [], []]);
  return [ann, ben, cho];
}

const people = [];
for (const [name, options] of [
  ["websocket", { transports: ["websocket"] }],
  ["encoded", { transports: ["websocket"], encoded: true }],
  ["forced", { transports: ["websocket"], forceBase64: true }],
  ["polling", { transports: ["polling"] }],
  ["upgraded", { transports: ["polling", "websocket"] }],
]) {
  people.push(...(await meets(name, options)));
  console.log(`ok ${name}`);
}
const ended = Promise.all(people.map((person) => person.ends()));
const reset = { tenant: { imkit: key } };
await fetch(`${url}/_imulator/reset`, { method: "POST", body: JSON.stringify(reset) });
await ended;
console.log("ok reset");
