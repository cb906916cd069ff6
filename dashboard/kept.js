/* What this browser keeps for its person; a browser that keeps nothing has the defaults. */
const PREFIX = 'footfall.';

export function kept(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function keep(name, value) {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    /* then it holds until the page is left */
  }
}
