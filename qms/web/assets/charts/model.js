// What the chart knows: points by running number, stages, signals, events; merges what arrives live.
export class Model {
  constructor(data, keep = 400) {
    this.keep = keep;
    this.load(data);
  }

  load(data) {
    Object.assign(this, { title: '', unit: '', decimals: 3, zone: 'UTC', labels: {}, spec: {}, stepped: false }, data);
    this.points = [...(data.points ?? [])];
    this.stages = data.stages ?? [];
    this.signals = data.signals ?? [];
    this.events = data.events ?? [];
  }

  /** Newer points, changed points, signals or stages; true when something changed. */
  merge(data) {
    if (data.stages?.length) this.stages = data.stages;
    if (data.events?.length) this.events = this.#byKey(this.events, data.events, (event) => `${event.n}${event.text}`);
    if (data.signals?.length) this.signals = this.#byKey(this.signals, data.signals, (signal) => signal.id);
    const fresh = data.points ?? (data.point ? [data.point] : []);
    if (fresh.length) {
      const places = new Map(this.points.map((point, index) => [point.n, index]));
      for (const point of fresh) {
        if (places.has(point.n)) this.points[places.get(point.n)] = point;
        else this.points.push(point);
      }
      this.points.sort((a, b) => a.n - b.n);
      if (this.points.length > this.keep) this.points = this.points.slice(-this.keep);
    }
    return Boolean(fresh.length || data.stages?.length || data.signals?.length || data.events?.length);
  }

  #byKey(old, fresh, key) {
    const map = new Map(old.map((item) => [key(item), item]));
    for (const item of fresh) map.set(key(item), item);
    return [...map.values()];
  }

  get lastN() { return this.points.at(-1)?.n ?? 0; }
  get hasSpread() { return this.points.some((point) => point.spread != null); }

  /** Stages with the indexes of their first and last point on the chart. */
  runs() {
    const found = [];
    this.stages.forEach((stage, position) => {
      const after = this.stages[position + 1]?.from ?? Infinity;
      let first = -1;
      let last = -1;
      this.points.forEach((point, index) => {
        if (point.n >= stage.from && point.n < after) { if (first < 0) first = index; last = index; }
      });
      if (first >= 0) found.push({ stage, first, last });
    });
    return found;
  }

  stageOf(index) { return this.runs().find((run) => index >= run.first && index <= run.last)?.stage; }
  signalOf(point) { return this.signals.find((signal) => signal.point === point.n); }

  /** The broken rules that belong on a plot: numbered ones on the location, the spread's own (a letter) below. */
  rulesOn(index, key) { return (this.points[index]?.rules ?? []).filter((rule) => /^[A-Za-z]+$/.test(String(rule)) === (key === 'spread')); }
  violates(index, key) { const point = this.points[index]; return Boolean(point) && !point.excluded && point[key] != null && this.rulesOn(index, key).length > 0; }
  isOpen(index) { return (this.signalOf(this.points[index])?.state ?? 'open') === 'open'; }

  /** The first point of a run of violations carries the rule numbers. */
  ruleText(index, key) { return this.violates(index - 1, key) ? '' : this.rulesOn(index, key).join(','); }
}
