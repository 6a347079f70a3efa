// Places on the drawing: plots, axes, the texts at the right end.
import { fixed } from '../words.js';
import { font, phone, token } from './engine.js';
import { span, spreadApart, tickDecimals, ticks, timeTicks } from './scale.js';

/** Room for the names and values of the limits at the right end. */
export function rightRoom(model) {
  const shown = model.stages.at(-1) ?? {};
  const longest = Math.max(...['ucl', 'center', 'lcl', 'spread_ucl'].map((key) => fixed(shown[key], model.decimals).length), 4);
  return Math.max(phone() ? 62 : 96, (phone() ? 34 : 46) + 6.5 * longest);
}

export function places(model, width, height) {
  const small = phone();
  const right = rightRoom(model);
  const left = small ? 40 : 48;
  const lane = !small && model.events.length ? 26 : 0;
  const room = height - 48 - lane;
  const split = 26 + room * (model.hasSpread ? 0.68 : 1);
  const bottom = height - 22 - lane;
  const upper = { left, right, top: 26, height: split - 26 };
  const lower = { left, right, top: split + 26, height: bottom - split - 26 };
  return { small, left, right, lane, width, upper, lower, bottom: model.hasSpread ? bottom : split };
}

export function ranges(model) {
  const edges = model.stages.flatMap((stage) => [stage.ucl, stage.lcl]);
  const own = model.points.flatMap((point) => [point.ucl, point.lcl]);
  const location = span([...model.points.map((point) => point.value), ...edges, ...own]);
  const spread = [0, span([...model.points.map((point) => point.spread), ...model.stages.map((stage) => stage.spread_ucl)])[1]];
  return { location, spread };
}

const quiet = { axisLine: { show: false }, axisTick: { show: false }, splitLine: { show: false } };

export function timeAxis(model, index, place, show) {
  const marks = show ? timeTicks(model.points.map((point) => point.t), model.zone, place.small ? 5 : 8) : new Map();
  return {
    ...quiet, type: 'category', gridIndex: index, data: model.points.map((point) => point.n), boundaryGap: true,
    axisLine: { show, onZero: false, lineStyle: { color: token('line-2') } },
    axisTick: { show, alignWithLabel: true, length: 4, interval: (at) => marks.has(at), lineStyle: { color: token('line-2') } },
    axisLabel: { show, interval: (at) => marks.has(at), formatter: (_, at) => marks.get(at) ?? '', color: token('ink-3'), fontSize: 11, hideOverlap: true },
  };
}

export function valueAxis([low, high], index, wanted) {
  const values = ticks(low, high, wanted);
  const digits = tickDecimals(values);
  return { ...quiet, type: 'value', gridIndex: index, min: low, max: high, axisLabel: { customValues: values, formatter: (value) => fixed(value, digits), color: token('ink-3'), fontSize: 11 } };
}

export const text = (words, x, y, { weight = 400, tone = 'ink-3', align = 'left' } = {}) => ({
  type: 'text', silent: true, x, y,
  style: { text: words, fill: token(tone), font: `${weight} 11px ${font()}`, textAlign: align, textVerticalAlign: 'middle' },
});

/** Names and values of the limits beside the last point, pushed apart where they would touch. */
export function rightLabels(rows, plot, range, place, decimals) {
  const known = rows.filter(([, value]) => value != null).sort((a, b) => b[1] - a[1]);
  const y = (value) => plot.top + ((range[1] - value) / (range[1] - range[0])) * plot.height;
  const at = spreadApart(known.map(([, value]) => y(value)), 13, plot.top, plot.top + plot.height);
  return known.flatMap(([name, value], i) => [
    text(name, place.width - plot.right + 7, at[i], { weight: 500 }),
    text(fixed(value, decimals), place.width - 2, at[i], { weight: 500, tone: 'ink', align: 'right' }),
  ]);
}
