/* A small line without axes. */
import { html, svg } from 'lit-html';

const WIDTH = 240;
const HEIGHT = 48;

/** @param values  from 0 up; the last `open` of them are not over */
export function spark(values) {
  const max = Math.max(1, ...values);
  const step = WIDTH / Math.max(1, values.length - 1);
  const points = values.map((value, i) => `${(i * step).toFixed(1)},${(HEIGHT - 2 - (value / max) * (HEIGHT - 6)).toFixed(1)}`);
  const line = points.join(' ');
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
    ${svg`<polygon points=${`0,${HEIGHT} ${line} ${WIDTH},${HEIGHT}`}></polygon>
      <polyline points=${line} vector-effect="non-scaling-stroke"></polyline>`}
  </svg>`;
}
