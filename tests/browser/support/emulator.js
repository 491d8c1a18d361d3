// An emulator of its own for a test: started on a free port, stopped with the test, spoken to as a program would.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const BINARY = process.env.IMULATOR ?? join(ROOT, 'target/debug/imulator');
/** How long a start may take; a debug build reads a large world slowly. */
const START_MS = 60_000;

/** A file of the repository. @param {string} name */
export const fixture = (name) => join(ROOT, 'fixtures', name);

export class Emulator {
  /**
   * Starts one.
   * @param {{ args?: string[], listen?: string, world?: unknown, fixture?: string }} [how] `world`: a state document
   */
  static async start({ args = [], listen = '127.0.0.1:0', world, fixture: file } = {}) {
    const self = new Emulator();
    self.folder = await mkdtemp(join(tmpdir(), 'imulator-browser-'));
    const ready = join(self.folder, 'ready.json');
    const given = ['--listen', listen, '--ready-file', ready, '--no-tls', '--seed', '1', '--log', 'warn', ...args];
    if (world !== undefined) {
      await writeFile(join(self.folder, 'world.json'), JSON.stringify(world));
      given.push('--fixture', join(self.folder, 'world.json'));
    }
    if (file !== undefined) given.push('--fixture', file);
    self.child = spawn(BINARY, given, { stdio: ['ignore', 'pipe', 'inherit'] });
    self.gone = once(self.child, 'exit');
    await self.isReady();
    self.url = JSON.parse(await readFile(ready, 'utf8')).http;
    return self;
  }

  async isReady() {
    const lines = createInterface({ input: this.child.stdout });
    const first = once(lines, 'line', { signal: AbortSignal.timeout(START_MS) });
    const failed = this.gone.then(([code]) => { throw new Error(`the emulator ended with ${code} before it was ready`); });
    await Promise.race([first, failed]);
  }

  /** Where it listens, for another one in its place. */
  get listen() {
    return new URL(this.url).host;
  }

  async stop() {
    this.child.kill('SIGTERM');
    await this.gone;
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A call of the control API. @param {string} method @param {string} path @param {unknown} [body] */
  async control(method, path, body) {
    const answer = await fetch(`${this.url}/_imulator/${path}`, { method, body: body === undefined ? undefined : JSON.stringify(body) });
    const value = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path}: ${JSON.stringify(value)}`);
    return value;
  }

  /**
   * A call of Tencent's API by an administrator, which has to succeed unless another code is expected.
   * @param {string} command @param {unknown} body @param {number} [code]
   */
  async tencent(command, body, code = 0) {
    const query = `sdkappid=88888888&identifier=administrator&usersig=xxxxxxxxxxxx&random=7&contenttype=json`;
    const answer = await fetch(`${this.url}/v4/${command}?${query}`, { method: 'POST', body: JSON.stringify(body) });
    const value = await answer.json();
    assert.equal(value.ErrorCode, code, `${command}: ${JSON.stringify(value)}`);
    return value;
  }

  /** Imports accounts, so that they can be added. @param {...string} names */
  async accounts(...names) {
    await this.tencent('im_open_login_svc/multiaccount_import', { Accounts: names });
  }

  /** A call of IMKIT's API with the demo's API key. @param {string} method @param {string} path @param {unknown} [body] */
  async imkit(method, path, body) {
    const headers = { 'IM-API-KEY': 'demo-api-key', 'Content-Type': 'application/json' };
    const answer = await fetch(this.url + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    const value = await answer.json();
    assert.equal(value.RC, 0, `${method} ${path}: ${JSON.stringify(value)}`);
    return value;
  }
}
