/* What the pages besides the dashboard do with script, when there is any: copying, and waiting. */

function made(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}

/* ---- copying ---- */

/* Without a clipboard (plain http) the text is selected: then it is one key away. */
async function copy(code, button) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = 'Copied';
  } catch {
    getSelection().selectAllChildren(code);
  }
}

for (const code of document.querySelectorAll('[data-copy]')) {
  const button = made('button', { type: 'button', className: 'plain small copy', textContent: `Copy ${code.dataset.copy}` });
  button.addEventListener('click', () => copy(code, button));
  code.after(button);
}

/* ---- waiting for the first view of a site ---- */

const ASK_AGAIN_MS = 2000;

const waiting = document.querySelector('[data-waiting]');

/* The page that was viewed; null: none yet, or no answer. */
async function viewedPage(site) {
  const address = `/api/v1/stats/top?site=${site}&dimension=page&period=7d&limit=1`;
  const response = await fetch(address, { headers: { Accept: 'application/json' } }).catch(() => null);
  const answer = response?.ok ? await response.json().catch(() => null) : null;
  return answer?.rows[0]?.value ?? null;
}

/* The age is not part of the status, or it would be read out each second. */
function tellFirst(path) {
  const startMs = Date.now();
  const age = made('p', { className: 'soft' });
  const link = made('a', { className: 'button', href: `/dashboard?site=${waiting.dataset.waiting}`, textContent: 'Open the dashboard' });
  const tick = () => {
    const seconds = Math.round((Date.now() - startMs) / 1000);
    age.textContent = `${seconds} second${seconds === 1 ? '' : 's'} ago`;
  };
  waiting.className = 'state';
  waiting.replaceChildren('It counts: the first view is of ', made('code', { textContent: path }));
  waiting.after(age, link);
  tick();
  setInterval(tick, 1000);
}

async function wait() {
  const path = await viewedPage(waiting.dataset.waiting);
  if (path === null) setTimeout(wait, ASK_AGAIN_MS);
  else tellFirst(path);
}

if (waiting) wait();
