// The series of a control chart in the chart grammar.
import { token } from './engine.js';

const cover = (model, run, key) => model.points.map((_, i) => (i >= run.first && i <= run.last ? run.stage[key] : null));

function limit(model, key, axis, style) {
  return model.runs().filter((run) => run.stage[key] != null).map((run) => ({
    type: 'line', xAxisIndex: axis, yAxisIndex: axis, symbol: 'none', silent: true, z: 2, lineStyle: style, data: cover(model, run, key),
  }));
}

function stepped(model, key, style) {
  return [{ type: 'line', step: 'middle', symbol: 'none', silent: true, z: 2, lineStyle: style, data: model.points.map((point) => point[key] ?? null) }];
}

const solid = () => ({ color: token('c-cl'), width: 1, type: 'solid' });
const dashed = () => ({ color: token('c-limit'), width: 1, type: [5, 4] });

export function limits(model) {
  const outer = (key) => (model.stepped ? stepped(model, key, dashed()) : limit(model, key, 0, dashed()));
  const found = [...limit(model, 'center', 0, solid()), ...outer('ucl'), ...outer('lcl')];
  if (!model.hasSpread) return found;
  return [...found, ...limit(model, 'spread_center', 1, solid()), ...limit(model, 'spread_ucl', 1, dashed()), ...limit(model, 'spread_lcl', 1, dashed())];
}

function zones(model) {
  if (model.stepped) return [];
  return model.runs().filter(({ stage }) => stage.ucl != null && stage.lcl != null && stage.center != null).flatMap(({ stage, first, last }) =>
    [['c-zone-a', 2, 3], ['c-zone-b', 1, 2], ['c-zone-c', 0, 1]].flatMap(([tone, inner, outer]) => [stage.ucl, stage.lcl].map((edge) => {
      const third = (edge - stage.center) / 3;
      return [{ xAxis: first, yAxis: stage.center + inner * third, itemStyle: { color: token(tone) } }, { xAxis: last, yAxis: stage.center + outer * third }];
    })));
}

function breaks(model) {
  const style = { color: token('ink-3'), type: [2, 2], width: 1 };
  return { symbol: 'none', silent: true, animation: false, data: model.runs().slice(1).map((run) => ({ xAxis: run.first, lineStyle: style, label: { show: false } })) };
}

const shown = (model, key) => model.points.map((point) => (point.excluded ? null : point[key]));

export function lines(model) {
  const color = token('c-data');
  const many = model.points.length > 250;
  const base = { type: 'line', symbol: 'circle', connectNulls: false, showAllSymbol: true, silent: true, z: 4, lineStyle: { color, width: 1.1 }, itemStyle: { color } };
  const location = { ...base, data: shown(model, 'value').map((value, i) => ({ value, symbolSize: model.violates(i, 'value') ? 0.01 : many ? 2.4 : 3.6 })), markArea: { silent: true, data: zones(model) }, markLine: breaks(model) };
  if (!model.hasSpread) return [location];
  return [location, { ...base, xAxisIndex: 1, yAxisIndex: 1, symbolSize: many ? 1.8 : 2.6, lineStyle: { color, width: 1 }, data: shown(model, 'spread'), markLine: breaks(model) }];
}

export function violations(model, key = 'value') {
  const axis = key === 'spread' ? 1 : 0;
  const data = [];
  const last = model.points.length - 1;
  model.points.forEach((point, i) => {
    if (!model.violates(i, key)) return;
    const below = key === 'value' && point.value < (model.stageOf(i)?.center ?? -Infinity);
    data.push({
      value: [i, point[key]], symbolSize: i === last ? 14 : 11,
      itemStyle: { color: model.isOpen(i) ? token('signal') : token('surface'), borderColor: token('signal'), borderWidth: 1.5, opacity: 1 },
      label: { show: true, position: below ? 'bottom' : 'top', formatter: model.ruleText(i, key), color: token('signal'), fontSize: 11, fontWeight: 600, distance: 3 },
    });
  });
  return { type: 'scatter', xAxisIndex: axis, yAxisIndex: axis, z: 6, silent: true, symbol: 'diamond', data };
}

export function excluded(model) {
  const data = model.points.map((point, i) => (point.excluded && point.value != null ? [i, point.value] : null)).filter(Boolean);
  return { type: 'scatter', z: 5, silent: true, symbol: 'circle', symbolSize: 8, data, itemStyle: { color: 'transparent', borderColor: token('ink-3'), borderWidth: 1.3 }, label: { show: true, formatter: '×', color: token('ink-3'), fontSize: 11, position: 'inside' } };
}
