/* The colours of the style sheet, for the canvas. */
export const colors = {
  accent: '',
  soft: '',
  line: '',
  card: '',
  compare: '',
  /** A colour, made transparent. @param color  as "#rrggbb" */
  chartFill(color, alpha) {
    const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
    return `rgba(${r}, ${g}, ${b}, ${alpha})`;
  },
};

const listeners = [];

function read() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ['accent', 'soft', 'line', 'card', 'compare']) {
    colors[name] = style.getPropertyValue(`--${name}`).trim();
  }
}

/** Calls `tell` when the person changes between light and dark. */
export function onColors(tell) {
  listeners.push(tell);
}

export function watchColors() {
  read();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    read();
    listeners.forEach((tell) => tell());
  });
}
