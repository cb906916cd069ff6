/*
 * What the page has of the server: a slot for each place, by name. A slot keeps what it had until the
 * new answer is there, so that nothing jumps.
 *
 *     {address, status: 'loading' | 'ok' | 'error', data, error}
 */
import { ApiError, ask, leadToLogin } from './api.js';

const EMPTY = { address: '', status: 'loading', data: null, error: null };

const slots = new Map();
let tellChange = () => {};

export function onSlotChange(tell) {
  tellChange = tell;
}

export const slotOf = (name) => slots.get(name) ?? EMPTY;

function put(name, slot) {
  slots.set(name, slot);
  tellChange(name);
}

async function load(name, address) {
  const controller = new AbortController();
  const before = slotOf(name);
  before.controller?.abort();
  slots.set(name, { ...before, address, status: 'loading', controller });
  try {
    const data = await ask(address, controller.signal);
    put(name, { address, status: 'ok', data, error: null });
  } catch (error) {
    if (controller.signal.aborted) return;
    if (error instanceof ApiError && error.status === 401) leadToLogin();
    put(name, { ...slotOf(name), address, status: 'error', error, controller: null });
  }
}

/** Sees to it that a slot has the answer of this address. */
export function want(name, address) {
  if (slotOf(name).address !== address) load(name, address);
}

/** Asks again for what went wrong. */
export function retry(name) {
  load(name, slotOf(name).address);
  tellChange(name);
}

/** Asks for a newer answer; what is there stays when there is none. */
export async function renew(name) {
  const { address, status } = slotOf(name);
  if (status === 'loading') return;
  const data = await ask(address).catch(() => null);
  if (data && slotOf(name).address === address) put(name, { address, status: 'ok', data, error: null });
}

/** Forgets the slots that are not named: they are not on the page any more. */
export function keepOnly(names) {
  for (const [name, slot] of slots) {
    if (names.includes(name)) continue;
    slot.controller?.abort();
    slots.delete(name);
  }
}
