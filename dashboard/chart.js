/*
 * The chart: uPlot, and around it what a canvas cannot do: a cursor for the keyboard, and what it
 * points at as text. Points stand side by side by their number, so a comparison lies on top.
 *
 *     makeChart(place, told) -> {show(model), point(index), destroy()}
 */
import uPlot from 'uplot';
import { colors, onColors } from './colors.js';

const HEIGHT_WIDE = 280;
const HEIGHT_NARROW = 210;
const NARROW = 560;
const FONT = '12px system-ui, sans-serif';
const TICK_PX = 72;

/* Steps that a clock has. */
const SECOND_STEPS = [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];

const heightAt = (width) => (width < NARROW ? HEIGHT_NARROW : HEIGHT_WIDE);

function fade(plot, color) {
  const { top, height } = plot.bbox;
  const gradient = plot.ctx.createLinearGradient(0, top, 0, top + height);
  gradient.addColorStop(0, colors.chartFill(color, 0.2));
  gradient.addColorStop(1, colors.chartFill(color, 0.015));
  return gradient;
}

/* Every n-th point has a label, as many as fit. */
function ticksOf(plot, count) {
  const room = Math.max(1, Math.floor(plot.bbox.width / devicePixelRatio / TICK_PX));
  const step = Math.max(1, Math.ceil(count / room));
  return Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
}

function axesOf(model) {
  const common = {
    font: FONT,
    stroke: () => colors.soft,
    ticks: { show: false },
    border: { show: false },
  };
  return [
    {
      ...common,
      size: 30,
      gap: 8,
      grid: { show: false },
      splits: (plot) => ticksOf(plot, model().labels.length),
      values: (_, splits) => splits.map((i) => model().ticks[i] ?? ''),
    },
    {
      ...common,
      size: 52,
      gap: 8,
      space: 40,
      grid: { stroke: () => colors.line, width: 1 },
      incrs: model().isTime ? SECOND_STEPS : undefined,
      values: (_, splits) => splits.map((value) => model().format(value)),
    },
  ];
}

function linesOf() {
  const line = { points: { show: false }, spanGaps: false };
  return [
    {},
    { ...line, stroke: () => colors.compare, width: 1.5, dash: [3, 4] },
    { ...line, stroke: () => colors.accent, width: 2, fill: (plot) => fade(plot, colors.accent) },
    { ...line, stroke: () => colors.accent, width: 2, dash: [5, 5] },
  ];
}

/* A single point is no line: it is shown as a dot. */
const showsDots = (model) => model.columns[0].length === 1 || model.columns[2].filter((v) => v !== null).length === 1;

function scalesOf(model) {
  return {
    x: {
      time: false,
      range: (_, min, max) => (min === max ? [min - 0.5, max + 0.5] : [min, max]),
    },
    y: {
      range: (_, min, max) => [0, max > 0 ? max * 1.08 : model().isRate ? 1 : 4],
    },
  };
}

function optionsOf(width, model, hooks) {
  return {
    width,
    height: heightAt(width),
    padding: [10, 26, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      move: (plot, left, top) => [left < 0 ? left : plot.valToPos(plot.posToIdx(left), 'x'), top],
      drag: { x: model().canZoom, y: false, setScale: false },
      points: { size: 8, width: 2, fill: () => colors.card },
    },
    scales: scalesOf(model),
    axes: axesOf(model),
    series: linesOf().map((line, i) => (i > 1 && showsDots(model()) ? { ...line, points: { show: true, size: 8 } } : line)),
    hooks,
  };
}

/**
 * @param place  an empty element that gives the width
 * @param told   {onPoint(index | null, x), onRange(first, last)}: where the cursor is, and what was
 *               selected by dragging
 */
export function makeChart(place, told) {
  let plot = null;
  let model = null;

  function onSelect(self) {
    if (!self.select.width || self.isByKeys) return;
    const first = Math.max(0, Math.round(self.posToVal(self.select.left, 'x')));
    const last = Math.round(self.posToVal(self.select.left + self.select.width, 'x'));
    self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (last > first) told.onRange(first, last);
  }

  function build() {
    plot?.destroy();
    const hooks = {
      setCursor: [(self) => told.onPoint(self.cursor.left < 0 ? null : self.cursor.idx, self.cursor.left)],
      setSelect: [onSelect],
    };
    plot = new uPlot(optionsOf(place.clientWidth, () => model, hooks), model.columns, place);
  }

  const resizing = new ResizeObserver(() => {
    if (plot && plot.width !== place.clientWidth && place.clientWidth > 0) {
      plot.setSize({ width: place.clientWidth, height: heightAt(place.clientWidth) });
    }
  });
  resizing.observe(place);
  onColors(() => plot?.redraw(false));

  return {
    /** @param next  {key, columns, labels, ticks, format, isRate, isTime, canZoom}; the same key: only
     *               newer numbers */
    show(next) {
      const isSame = plot && model.key === next.key;
      model = next;
      if (isSame) plot.setData(next.columns);
      else build();
    },
    /** Puts the cursor on a point. */
    point(index) {
      plot.setCursor({ left: plot.valToPos(index, 'x'), top: plot.over.clientHeight / 2 });
    },
    /** Marks a range of points; the same number twice: none. */
    mark(first, last) {
      const [from, to] = [first, last].sort((a, b) => a - b).map((i) => plot.valToPos(i, 'x'));
      plot.setSelect({ left: from, top: 0, width: to - from, height: plot.over.clientHeight }, false);
    },
    leave() {
      plot.setCursor({ left: -10, top: -10 });
    },
    /** Where the area of the plot begins, from the left edge of the place. */
    get left() {
      return plot ? plot.over.offsetLeft : 0;
    },
  };
}
