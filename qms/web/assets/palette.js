// Ctrl+K: one field that finds records, text, pages and actions. The list comes from the server, arrow keys walk it.
import htmx from './htmx.js';

const box = () => document.getElementById('palette');
const field = () => box()?.querySelector('input');
const rows = () => [...box().querySelectorAll('[role=option]')];
let back = null;
let listed = null; // what the list was asked for
let hurried = false; // Enter came before its list

function show() {
  const dialog = box();
  if (!dialog || dialog.open) return;
  back = document.activeElement;
  dialog.showModal();
  field().value = '';
  [listed, hurried] = [null, false];
  field().focus();
  htmx.trigger(field(), 'palette-open');
}

function mark(row) {
  for (const other of rows()) other.setAttribute('aria-selected', String(other === row));
  field().setAttribute('aria-activedescendant', row?.id ?? '');
  row?.scrollIntoView({ block: 'nearest' });
}

function go() {
  hurried = listed !== field().value;
  if (!hurried) (rows().find((row) => row.getAttribute('aria-selected') === 'true') ?? rows()[0])?.click();
}

function move(step) {
  const list = rows();
  if (!list.length) return;
  const now = list.findIndex((row) => row.getAttribute('aria-selected') === 'true');
  mark(list[(now + step + list.length) % list.length]);
}

document.addEventListener('click', (event) => { if (event.target.closest('[data-palette]')) { event.preventDefault(); show(); } });
document.addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') { event.preventDefault(); show(); }
  if (!box()?.open) return;
  if (event.key === 'ArrowDown') { event.preventDefault(); move(1); }
  if (event.key === 'ArrowUp') { event.preventDefault(); move(-1); }
  if (event.key === 'Enter') { event.preventDefault(); go(); }
});
document.body.addEventListener('htmx:afterSwap', (event) => {
  if (event.detail.target.id !== 'palette-list') return;
  listed = new URL(event.detail.xhr.responseURL).searchParams.get('q') ?? '';
  mark(rows()[0]);
  if (hurried) go();
});
document.addEventListener('click', (event) => {
  const row = event.target.closest('#palette [role=option]');
  if (row?.dataset.press) { event.preventDefault(); box().close(); document.querySelector(row.dataset.press)?.click(); }
  if (event.target === box()) box().close();
});
document.addEventListener('close', (event) => { if (event.target.id === 'palette' && back?.isConnected) back.focus(); }, true);
