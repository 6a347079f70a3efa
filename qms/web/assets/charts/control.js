// The interactive control chart: fetches its data, follows the live topic, walks by keyboard, opens a point's panel.
import { create } from './engine.js';
import { rightRoom } from './layout.js';
import { Model } from './model.js';
import { option } from './option.js';
import { pointLines, sentence, table } from './say.js';

const make = (tag, css, parent) => { const el = document.createElement(tag); el.className = css; parent.append(el); return el; };

export class ControlChart {
  constructor(host) {
    this.host = host;
    this.plot = make('div', 'cc-plot', host);
    this.plot.setAttribute('role', 'img');
    this.plot.setAttribute('aria-label', 'Control chart, being drawn'); // until the data say it better
    this.cross = make('div', 'cc-cross', host);
    this.tip = make('div', 'cc-tip', host);
    this.words = make('div', 'sr', host);
    this.words.setAttribute('aria-live', 'polite');
    this.tableBox = make('div', 'cc-table scroll-x', host);
    this.tableBox.hidden = true;
    this.at = -1;
    this.spokenAt = 0;
    this.query = new URLSearchParams(host.dataset.query ?? '');
    this.chart = create(this.plot);
    this.listen();
    this.load();
  }

  get url() { return this.host.dataset.src; }

  async load() {
    const inline = this.host.dataset.from && document.getElementById(this.host.dataset.from);
    const data = inline && !this.model ? JSON.parse(inline.textContent) : this.url && await this.fetch();
    if (!data) return;
    this.model = new Model(data, Number(this.host.dataset.keep ?? 400));
    this.redraw();
  }

  async fetch(extra = {}) {
    const query = new URLSearchParams({ ...Object.fromEntries(this.query), ...extra });
    try {
      const answer = await fetch(`${this.url}?${query}`, { headers: { Accept: 'application/json' } });
      return answer.ok ? await answer.json() : null;
    } catch { return null; }
  }

  /** A live message carries the new points, or only says that there are some. */
  async receive(message) {
    if (!this.model || (this.query.has('to') && this.query.get('to'))) return;
    if (message?.full) { await this.load(); return; }
    const carries = message && (message.points || message.point);
    const data = carries ? message : this.url && await this.fetch({ after: this.model.lastN });
    if (data && this.model.merge(data)) this.redraw();
  }

  redraw() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.chart.setOption(option(this.model, this.plot.clientWidth, this.plot.clientHeight), { notMerge: true });
      this.speak();
      if (!this.tableBox.hidden) this.tableBox.replaceChildren(table(this.model));
      if (this.at >= 0) this.point(Math.min(this.at, this.model.points.length - 1));
      this.host.dispatchEvent(new CustomEvent('chart:drawn', { bubbles: true, detail: this.model }));
    });
  }

  /** The sentence follows the data, at most every ten seconds. */
  speak() {
    const now = Date.now();
    if (now - this.spokenAt < 10000) return;
    this.spokenAt = now;
    this.plot.setAttribute('aria-label', sentence(this.model));
    const open = this.model.signals.filter((signal) => signal.state === 'open');
    const newest = open.at(-1)?.id;
    if (this.newest !== undefined && newest && newest !== this.newest) this.words.textContent = `New signal: ${open.at(-1).words}`;
    this.newest = newest ?? null;
  }

  index(event) {
    const box = this.plot.getBoundingClientRect();
    const left = this.left();
    const share = (event.clientX - box.left - left) / (box.width - left - this.right());
    const index = Math.round(share * this.model.points.length - 0.5);
    return index >= 0 && index < this.model.points.length ? index : -1;
  }

  left() { return innerWidth < 768 ? 40 : 48; }
  right() { return rightRoom(this.model); }

  point(index) {
    this.at = index;
    const on = index >= 0;
    this.cross.hidden = !on;
    this.tip.hidden = !on;
    this.cross.classList.toggle('is-on', on);
    this.tip.classList.toggle('is-on', on);
    if (!on) return;
    const room = this.plot.clientWidth - this.left() - this.right();
    const x = this.left() + ((index + 0.5) / this.model.points.length) * room;
    this.cross.style.left = `${x}px`;
    const lines = pointLines(this.model, index);
    this.tip.replaceChildren(...lines.map((line, i) => { const el = document.createElement(i ? 'div' : 'b'); el.textContent = line; return el; }));
    this.tip.style.left = `${Math.max(4, Math.min(x + 12, this.plot.clientWidth - this.tip.offsetWidth - 4))}px`;
  }

  open(index) {
    const point = this.model.points[index];
    const { pointUrl, pointTarget } = this.host.dataset;
    if (!point || !pointUrl) return;
    window.htmx.ajax('GET', pointUrl.replace('{id}', point.id).replace('{n}', point.n), { target: pointTarget ?? '#point-panel', swap: 'innerHTML' });
  }

  async range(query) {
    this.query = new URLSearchParams(query);
    if (this.host.dataset.keeps === 'url') this.keep();
    await this.load();
  }

  /** The span stands in the address, so that a link or a reload shows the same. */
  keep() {
    const here = new URL(location.href);
    for (const name of ['range', 'from', 'to']) {
      if (this.query.get(name)) here.searchParams.set(name, this.query.get(name));
      else here.searchParams.delete(name);
    }
    history.replaceState(history.state, '', here);
  }

  view(name) {
    const asTable = name === 'table';
    this.tableBox.hidden = !asTable;
    this.plot.hidden = asTable;
    this.point(-1);
    if (asTable) this.tableBox.replaceChildren(table(this.model));
    else this.resize();
  }

  resize() { this.chart.resize(); if (this.model) this.redraw(); }
}
