// The chart in words: one sentence for the picture, one for each point, the table view.
import { fixed, stamp, zoneName } from '../words.js';

export function sentence(model) {
  if (!model.points.length) return `Control chart of ${model.title} without points yet`;
  const first = model.points[0];
  const last = model.points.at(-1);
  const end = model.runs().at(-1)?.stage;
  const when = (iso) => `${stamp(iso, model.zone)} ${zoneName(iso, model.zone)}`;
  const limits = [['LCL', end?.lcl], ['centre', end?.center], ['UCL', end?.ucl]].filter(([, value]) => value != null).map(([name, value]) => `${name} ${fixed(value, model.decimals)}`).join(', ');
  const open = model.signals.filter((signal) => signal.state === 'open');
  const latest = last.value == null ? '' : `, latest ${fixed(last.value, model.decimals)} ${model.unit}`;
  return `Control chart of ${model.title}, ${model.points.filter((point) => !point.missing).length} points from ${when(first.t)} to ${when(last.t)}${latest}${limits ? `; ${limits}` : ''}. ${open.length ? `Open signals: ${open.length}, the last: ${open.at(-1).words}.` : 'No open signal.'}`;
}

export function pointLines(model, index) {
  const point = model.points[index];
  const signal = model.signalOf(point);
  const values = [`${model.labels.location ?? 'Value'} ${fixed(point.value, model.decimals)} ${model.unit}`];
  if (point.spread != null) values.push(`${model.labels.spread ?? 'Spread'} ${fixed(point.spread, model.decimals)}`);
  if (point.missing) return [`${stamp(point.t, model.zone)} ${zoneName(point.t, model.zone)}`, 'Readings are missing here'];
  const state = point.excluded ? 'Excluded' : point.rules?.length ? `Rule ${point.rules.join(', ')}${signal?.words ? `: ${signal.words}` : ''}` : 'In control';
  return [`${stamp(point.t, model.zone)} ${zoneName(point.t, model.zone)}, point ${point.n}`, values.join(', '), state];
}

export function table(model) {
  const head = ['Time', 'Point', `${model.labels.location ?? 'Value'}${model.unit ? `, ${model.unit}` : ''}`, ...(model.hasSpread ? [model.labels.spread ?? 'Spread'] : []), 'State'];
  const made = document.createElement('table');
  made.className = 'tb dense';
  const row = (cells, tag, parent) => {
    const tr = document.createElement('tr');
    cells.forEach((cell, i) => {
      const el = document.createElement(tag);
      el.textContent = cell;
      if (i > 0 && i < cells.length - 1) el.className = 'r';
      tr.append(el);
    });
    parent.append(tr);
  };
  row(head, 'th', made.createTHead());
  const body = made.createTBody();
  for (let i = model.points.length - 1; i >= 0; i -= 1) {
    const point = model.points[i];
    const state = point.missing ? 'Readings missing' : point.excluded ? 'Excluded' : point.rules?.length ? `Rule ${point.rules.join(', ')}` : 'In control';
    row([stamp(point.t, model.zone), point.n, fixed(point.value, model.decimals), ...(model.hasSpread ? [fixed(point.spread, model.decimals)] : []), state], 'td', body);
  }
  return made;
}
