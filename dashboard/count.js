/*
 * The script that pages count with; README.md tells of its attributes and of window.footfall.
 *
 * A hit lies in localStorage under ENDPOINT#ID until the server has answered it, and is sent again
 * under its id, by this page or by the next one of the site: the server counts an id once. Nothing
 * else is stored but the wish not to be counted.
 *
 * Every visitor of every page loads it, so each byte is asked what it is for; there is a limit in
 * tests/unit/web/test_asset.c.
 */
const script = document.currentScript;
const options = script.dataset;

/* A page that has GoatCounter's attribute has its object, too: with settings, before we come. */
const footfall = (window.footfall = options.goatcounter ? (window.goatcounter = window.goatcounter || {}) : {});

/* "#" is what ids begin behind; what is fetched goes without it. */
const endpoint = new URL(
  (options.goatcounter || options.endpoint || script.src.replace(/\.js.*/, '')) + '#',
  script.src,
);

const MAX_KEPT = 50;
const MAX_AGE_MS = 8e7; /* 22 hours: the server knows an id for 24 */
const MAX_WAIT_MS = 6e4;

let kept = {}; /* of this page only, where nothing may be stored */
let counted; /* the place of the last view */
let referrer = document.referrer;

try {
  kept = localStorage || kept;
} catch {}

const keep = (key, value) => {
  try {
    kept[key] = value;
  } catch {
    kept = { [key]: value };
  }
};

/* Oldest first: ids begin with the time. */
const unsent = () => Object.keys(kept).filter((key) => key.startsWith(endpoint)).sort();

/* A hash is a place when it is a route: "#/about", "#!/about". */
const place = () => location.pathname + location.hash.replace(/#[^!/].*/, '');

const filter = () =>
  (!footfall.allow_frame && parent != window) ||
  (!footfall.allow_local && /^$|localhost$|^127\.|^\[::1/.test(location.hostname)) ||
  kept.skipgc == 't';

/* 5xx, and no answer: it may not have been counted. Each failure doubles the wait. */
const send = (key, wait) => {
  const id = key.split('#')[1];
  const again = () => {
    wait = Math.min(wait * 2 + 1e3, MAX_WAIT_MS);
    setTimeout(send, wait * (1 + Math.random()), key, wait);
  };
  if (Date.now() - id / 10 > MAX_AGE_MS) delete kept[key];
  else if (kept[key])
    fetch(endpoint, { method: 'POST', body: new URLSearchParams(kept[key] + '&id=' + id), keepalive: true })
      .then((response) => (response.status > 499 ? again() : delete kept[key]), again);
};

const count = (wishes) => {
  const all = Object.assign({}, footfall, wishes);
  const pick = (wish, usual) => (wish == null ? usual : wish.call ? wish(usual) : wish);
  const p = pick(all.path, options.path || place() + location.search);
  if (p != null && !filter()) {
    /* 13 digits of time, and "0." with what is drawn: as a number, ten times the milliseconds. */
    const key = endpoint + Date.now() + Math.random();
    keep(
      key,
      new URLSearchParams({
        p,
        r: pick(all.referrer, referrer),
        t: pick(all.title, document.title),
        e: !!all.event,
        s: screen.width,
        b: navigator.webdriver && 153, /* GoatCounter's number for a browser that is driven */
        site: options.site || '',
      }),
    );
    if (unsent()[MAX_KEPT]) delete kept[unsent()[0]];
    send(key, 0);
  }
};

const show = (element) =>
  fetch(new URL(`/counter/${element.dataset.countShow || 'TOTAL'}.json?site=${options.site || ''}`, endpoint))
    .then((response) => response.json())
    .then(
      (answer) => {
        if (answer.count) element.textContent = answer.count;
      },
      () => {},
    );

/* Once for each place, when it is seen: not while a page is rendered ahead, or is in the background. */
const view = () => {
  if (!document.hidden && document.readyState != 'loading' && counted != place()) {
    counted = place();
    count();
    referrer = '';
    document.querySelectorAll('[data-count-show]').forEach(show);
  }
};

Object.assign(footfall, JSON.parse(options.goatcounterSettings || '{}'), {
  count,
  filter,
  get_query: (name) => new URLSearchParams(location.search).get(name),
  bind_events() {}, /* clicks are heard wherever they happen */
});

const wish = location.hash.split('#footfall-o')[1];
if (wish) {
  keep('skipgc', wish == 'ff' ? 't' : '');
  alert(location.hash);
}

unsent().forEach(send);

if (!footfall.no_onload) {
  for (const name of ['pushState', 'replaceState']) {
    const change = history[name];
    history[name] = function () {
      change.apply(this, arguments);
      view();
    };
  }
  for (const name of ['popstate', 'visibilitychange', 'DOMContentLoaded']) addEventListener(name, view);
  view();
}

for (const name of ['click', 'auxclick'])
  addEventListener(
    name,
    (event) => {
      const element = event.target.closest('[data-count-click],[data-goatcounter-click]');
      if (element && !footfall.no_events) {
        const { countClick, goatcounterClick } = element.dataset;
        count({
          event: 1,
          path: countClick || goatcounterClick || element.name || element.id,
          title: element.title,
        });
      }
    },
    true, /* before a handler of the page that stops it */
  );
