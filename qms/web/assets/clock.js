// Plant clock in the top bar and ages ("4 s ago") kept true without a request.
import { age } from './words.js';

function tick() {
  const now = new Date();
  for (const el of document.querySelectorAll('time[data-clock]')) {
    const zone = el.dataset.clock;
    el.textContent = now.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: zone });
  }
  for (const el of document.querySelectorAll('time[data-age]')) {
    el.textContent = `${el.dataset.before || ''}${age(now - new Date(el.dateTime))}${el.dataset.after ?? ' ago'}`;
  }
}

setInterval(tick, 1000);
tick();
