// The whole ECharts option of a control chart: location above, spread below, events under them.
import { font, token } from './engine.js';
import { places, ranges, rightLabels, text, timeAxis, valueAxis } from './layout.js';
import { excluded, limits, lines, violations } from './series.js';

const join = (...words) => words.filter(Boolean).join(': ');
const unit = (words, model) => (model.unit ? `${words}, ${model.unit}` : words);

function heads(model, place, x) {
  const runs = model.runs();
  const found = [text(unit(model.labels.location ?? 'Value', model), 4, 11, { weight: 600, tone: 'ink-2' })];
  if (model.hasSpread) found.push(text(unit(model.labels.spread ?? 'Spread', model), 4, place.lower.top - 12, { weight: 600, tone: 'ink-2' }));
  runs.forEach(({ stage, first }, i) => {
    const words = place.small ? stage.label.replace('Limits ', '') : join(stage.label, stage.reason);
    const from = i ? x(first) + 6 : Math.max(x(0), place.small ? 84 : 150);
    const until = i + 1 < runs.length ? x(runs[i + 1].first) : place.width - 4;
    const room = Math.floor((until - from) / 5.8);
    if (words && room > 5) found.push(text(words.length > room ? `${words.slice(0, room - 1)}…` : words, from, 11));
  });
  return found;
}

/** A text cut to its room; nothing when only a few letters would be left. */
function fitting(words, room) {
  const most = Math.floor(room / 5.8);
  if (words.length <= most) return words;
  return most > 4 ? `${words.slice(0, most - 1)}…` : '';
}

function lane(model, place, x) {
  if (!place.lane) return [];
  const top = place.bottom + 24;
  const index = new Map(model.points.map((point, i) => [point.n, i]));
  const box = { type: 'rect', silent: true, shape: { x: place.left, y: top, width: place.width - place.left - place.right, height: 20 }, style: { fill: token('sunken') } };
  const found = [box, text('Events', 4, top + 10, { weight: 600, tone: 'ink-2' })];
  const shown = model.events.filter((event) => index.has(event.n)).sort((one, other) => one.n - other.n);
  shown.forEach((event, i) => {
    const at = x(index.get(event.n));
    found.push({ type: 'line', silent: true, shape: { x1: at, x2: at, y1: top + 1, y2: top + 19 }, style: { stroke: token('ink-2'), lineWidth: 2 } });
    const end = i + 1 < shown.length ? x(index.get(shown[i + 1].n)) : place.width - place.right;
    const words = fitting(event.text, end - at - 10);
    if (words) found.push(text(words, at + 5, top + 10, { tone: 'ink-2' }));
  });
  return found;
}

export function option(model, width, height) {
  const place = places(model, width, height);
  const range = ranges(model);
  const count = Math.max(1, model.points.length);
  const x = (index) => place.left + ((index + 0.5) / count) * (width - place.left - place.right);
  const end = model.runs().at(-1)?.stage ?? {};
  const marks = [...heads(model, place, x), ...lane(model, place, x)];
  marks.push(...rightLabels([['UCL', end.ucl], [model.labels.center ?? 'x̄', end.center], ['LCL', end.lcl || null]], place.upper, range.location, place, model.decimals));
  const xAxis = [timeAxis(model, 0, place, !model.hasSpread)];
  const yAxis = [valueAxis(range.location, 0, 4)];
  const grid = [place.upper];
  if (model.hasSpread) {
    grid.push(place.lower);
    xAxis.push(timeAxis(model, 1, place, true));
    yAxis.push(valueAxis(range.spread, 1, 2));
    marks.push(...rightLabels([['UCL', end.spread_ucl], [model.labels.spread_center ?? 'R̄', end.spread_center], ['LCL', end.spread_lcl || null]], place.lower, range.spread, place, model.decimals));
  }
  return {
    animation: false, textStyle: { fontFamily: font(), fontSize: 11, color: token('ink-3') }, grid, xAxis, yAxis,
    series: [...limits(model), ...lines(model), violations(model), excluded(model), ...(model.hasSpread ? [violations(model, 'spread')] : [])],
    graphic: { elements: marks },
  };
}
