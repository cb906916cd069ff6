/* Questions to the server. They change nothing, so one that failed on the way is asked again. */

import { access, isShared } from './share.js';

/* As many at once as a browser has connections; the server answers 16 for each of its processes. */
const MAX_AT_ONCE = 6;
const WAITS_MS = [200, 600, 1500, 3000];
const PASSING = [502, 503, 504];

let running = 0;
const waiting = [];

async function takeTurn() {
  if (running >= MAX_AT_ONCE) await new Promise((resolve) => waiting.push(resolve));
  running += 1;
}

function giveTurn() {
  running -= 1;
  waiting.shift()?.();
}

/** What the server, or the way to it, says against a question. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status; /* of HTTP; 0: it was not reached */
  }
}

/** The JSON at an address, without another attempt. */
export async function askOnce(address, signal) {
  let response;
  try {
    response = await fetch(address, { ...access, signal, headers: { Accept: 'application/json', ...access.headers } });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, '');
  }
  const body = await response.json().catch(() => null);
  if (response.ok && body) return body;
  throw new ApiError(response.status, body?.error?.message ?? '');
}

async function askUntilAnswered(address, signal) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await askOnce(address, signal);
    } catch (error) {
      const isPassing = error instanceof ApiError && (!error.status || PASSING.includes(error.status));
      if (!isPassing || attempt >= WAITS_MS.length) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, WAITS_MS[attempt]));
    signal?.throwIfAborted();
  }
}

/** The JSON at an address, also when it takes several attempts. Throws an ApiError, or what an aborted signal throws. */
export async function ask(address, signal) {
  await takeTurn();
  try {
    return await askUntilAnswered(address, signal);
  } finally {
    giveTurn();
  }
}

/** Leads to the login and back, when a login has ended. A link has none: the page says that it has ended. */
export function leadToLogin() {
  if (isShared) return;
  location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
}
