// Side panel: opens beside the list, keeps the list's place, Escape closes it and gives focus back to the row.
import { makeCurrent } from './rows.js';

const panel = () => document.getElementById('peek');

document.body.addEventListener('htmx:afterSwap', (event) => {
  if (event.detail.target !== panel()) return;
  panel().classList.add('is-open');
  const row = event.detail.requestConfig?.elt?.closest?.('[data-row]');
  if (row) makeCurrent(row);
});

function close() {
  const box = panel();
  if (!box?.classList.contains('is-open')) return false;
  box.classList.remove('is-open');
  const row = document.querySelector('[data-row][aria-current]');
  (row?.querySelector('[data-peek-button]') ?? row)?.focus();
  return true;
}

document.addEventListener('click', (event) => { if (event.target.closest('[data-close-peek]')) close(); });
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !document.querySelector('dialog[open]')) close();
});

// After an item is finished the server sends `peek:next`: the next row takes its place.
document.body.addEventListener('peek:next', () => {
  const next = document.querySelector('[data-row][aria-current]') ?? document.querySelector('[data-row]');
  next?.click();
});
