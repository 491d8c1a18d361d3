// The page: its views, the address that names what is shown, and the stream that keeps everything up to date.
import { Act } from './act.js';
import { Calls } from './calls.js';
import { Charts } from './charts.js';
import { Clock } from './clock.js';
import { control } from './control.js';
import { Disturb } from './disturb.js';
import { Journal } from './journal.js';
import { Series } from './series.js';
import { Stream } from './stream.js';
import { LANGUAGE, t, translate } from './texts.js';
import { complain, toast } from './toast.js';
import { World } from './world.js';

/** Addresses longer than this are not written: an id may have any length. */
const HASH_MAX = 4000;

const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));

document.documentElement.lang = LANGUAGE;
translate(document);

const journal = new Journal();
const series = new Series();
const docs = new Map();
const clock = new Clock(byId('top-clock'));

/** The table of operations, asked for once. @type {Promise<{ rows: any[], errors: any }> | null} */
let table = null;
function operations() {
  table ??= control('GET', 'operations').then((value) => {
    value.operations.forEach((/** @type {any} */ row) => docs.set(row.name, row));
    return { rows: value.operations, errors: value.errors ?? {} };
  }).catch((fault) => {
    table = null;
    throw fault;
  });
  return table;
}

/** What is shown, where it is too long for an address. */
let unwritten = '';
/** @param {string} hash */
function go(hash) {
  unwritten = hash.length > HASH_MAX ? hash : '';
  if (unwritten || location.hash === `#${hash}`) route();
  else location.hash = hash;
}

const world = new World(byId('view-world'), {
  go,
  act: (place) => {
    act.at(place);
    go('act');
  },
  calls: (place) => {
    calls.about(place);
    go('calls');
  },
});
const calls = new Calls(byId('view-calls'), { journal, docs, go });
const act = new Act(byId('view-act'), { tenants: world.tenants, place: () => world.place, go });
const disturb = new Disturb(byId('view-disturb'), { clock, tenants: world.tenants, operations });
const charts = new Charts(byId('view-charts'), { series });

/** @type {Record<string, { show: (names: string[]) => void }>} */
const VIEWS = { world, calls, act, disturb, charts };
let shown = '';

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

function route() {
  const [name, ...names] = (unwritten || location.hash.slice(1)).split('/').map(decoded);
  const view = Object.hasOwn(VIEWS, name) ? name : 'world';
  for (const one of Object.keys(VIEWS)) {
    byId(`view-${one}`).hidden = one !== view;
    const link = document.querySelector(`#nav [data-view=${one}]`);
    if (one === view) link?.setAttribute('aria-current', 'page');
    else link?.removeAttribute('aria-current');
  }
  document.title = `${t(`nav.${view}`)} · imulator`;
  shown = view;
  VIEWS[view].show(names);
}
window.addEventListener('hashchange', () => {
  unwritten = '';
  route();
});

byId('skip').addEventListener('click', (/** @type {Event} */ event) => {
  event.preventDefault();
  byId('main').focus();
});

/** Everything that the stream does not tell is asked for. */
function refresh() {
  world.refresh();
  disturb.show();
  version();
  operations().catch(() => {});
}

async function version() {
  try {
    const health = await control('GET', 'health');
    byId('version').textContent = health.version;
  } catch {
    // The stream tells that the emulator is gone.
  }
}

let state = '';
let failures = 0;
const connection = byId('connection');
connection.addEventListener('click', () => stream.retry());
connection.title = t('state.hint');

const stream = new Stream({
  entry(entry, bytes, live) {
    const { epoch } = journal;
    // What was there before is counted at its own time, which is only that of a clock that goes.
    const seen = live ? Date.now() : clock.mode === 'manual' ? 0 : Date.parse(entry.at);
    journal.add(entry, bytes, seen);
    if (entry.kind === 'exchange') series.add(entry, seen);
    if (epoch && entry.epoch > epoch) {
      toast(t('state.reset'));
      series.clear();
      refresh();
    }
    if (live && entry.kind === 'event') world.take(entry);
    if (shown === 'calls') calls.changed();
  },
  dropped(count) {
    journal.dropped += count;
  },
  restarted() {
    journal.clear();
    journal.epoch = 0;
    series.clear();
    calls.changed();
    toast(t('state.restarted'));
  },
  refused(fault) {
    complain(fault);
  },
  state(next, seconds = 0) {
    if (next === 'live' && state !== 'live') {
      if (failures) toast(t('state.back'));
      failures = 0;
      refresh();
    }
    if (next === 'lost' && state === 'live') toast(t('state.gone'), 'problem');
    if (next === 'lost') failures += 1;
    state = next;
    connection.dataset.state = next;
    connection.textContent = t(`state.${next}`, { n: seconds });
  },
});

connection.textContent = t('state.connecting');
route();
await clock.load().catch(() => {});
stream.run();
