// Hands on the chart: pointer, keyboard, live topic, range and view buttons, size and theme.
import { ControlChart } from './control.js';

ControlChart.prototype.listen = function listen() {
  const { host, plot } = this;
  const walk = (to) => {
    this.point(Math.max(0, Math.min(this.model.points.length - 1, to)));
    this.words.textContent = this.tip.innerText.replace(/\n/g, '. ');
  };
  plot.addEventListener('pointermove', (event) => this.model && this.point(this.index(event)));
  plot.addEventListener('pointerleave', () => this.point(-1));
  plot.addEventListener('click', (event) => this.model && this.open(this.index(event)));
  host.addEventListener('keydown', (event) => {
    if (!this.model?.points.length) return;
    const last = this.model.points.length - 1;
    const steps = { ArrowLeft: () => walk((this.at < 0 ? last + 1 : this.at) - 1), ArrowRight: () => walk(this.at + 1), Home: () => walk(0), End: () => walk(last), Enter: () => this.open(this.at), Escape: () => this.point(-1) };
    if (!steps[event.key]) return;
    event.preventDefault();
    steps[event.key]();
  });
  for (const topic of (host.dataset.heard ?? host.dataset.topic ?? '').split(' ').filter(Boolean)) {
    document.body.addEventListener(`live:${topic}`, (event) => this.receive(event.detail));
  }
  new ResizeObserver(() => this.plot.clientWidth && this.resize()).observe(host);
  new MutationObserver(() => this.model && this.redraw()).observe(document.documentElement, { attributeFilter: ['data-bs-theme'] });
};

function press(button) {
  for (const other of button.parentElement.querySelectorAll('[aria-pressed]')) other.setAttribute('aria-pressed', String(other === button));
}

/** Buttons outside the chart: data-range="range=8h" or data-view="table", with data-for="<chart id>". */
export function controls(charts) {
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-range], [data-view]');
    const chart = button && charts.get(button.closest('[data-for]')?.dataset.for);
    if (!chart) return;
    press(button);
    if (button.dataset.view) chart.view(button.dataset.view);
    else chart.range(button.dataset.range);
  });
  document.addEventListener('submit', (event) => {
    const chart = event.target.matches('form[data-range-form]') && charts.get(event.target.dataset.for);
    if (!chart) return;
    event.preventDefault();
    chart.range(new URLSearchParams(new FormData(event.target)).toString());
  });
}
