// Starts every chart on the page; charts that arrive by a swap start when they arrive.
import { ControlChart } from './control.js';
import { controls } from './listen.js';

const charts = new Map();

function start(root) {
  for (const host of root.querySelectorAll('[data-chart="control"]:not([data-started])')) {
    host.dataset.started = '';
    charts.set(host.id || `chart-${charts.size + 1}`, new ControlChart(host));
  }
}

controls(charts);
start(document);
document.body.addEventListener('htmx:afterSettle', (event) => start(event.target));
