// Lists by keyboard: j and k move, Enter opens, Space peeks, x selects; the bulk bar shows what is selected.
const typing = (el) => el?.closest?.('input:not([type=checkbox]), textarea, select');
const list = () => document.querySelector('[data-rows]');
const rows = () => [...(list()?.querySelectorAll('[data-row]') ?? [])];
const current = () => rows().find((row) => row.hasAttribute('aria-current'));
const link = (row) => (row?.matches('a') ? row : row?.querySelector('a'));

export function makeCurrent(row) {
  for (const other of rows()) other.removeAttribute('aria-current');
  if (!row) return;
  row.setAttribute('aria-current', 'true');
  row.scrollIntoView({ block: 'nearest' });
  link(row)?.focus({ preventScroll: true });
}

const peekButton = (row) => row?.querySelector('[data-peek-button]');
const peeking = () => Boolean(document.querySelector('.with-peek .peek.is-open'));

function move(step) {
  const all = rows();
  const at = all.indexOf(current());
  makeCurrent(all[Math.min(all.length - 1, Math.max(0, at + step))]);
  if (peeking()) peekButton(current())?.click();
}

const boxes = () => rows().map((row) => row.querySelector('input[type=checkbox]')).filter(Boolean);

// a sum of plain numbers in one unit, or of money per currency ({"EUR": 120}), which is never added across
function added(values, unit = '') {
  const totals = {};
  for (const value of values) {
    const parts = value?.startsWith('{') ? JSON.parse(value) : { [unit]: Number(value || 0) };
    for (const [name, amount] of Object.entries(parts)) totals[name] = (totals[name] ?? 0) + amount;
  }
  return Object.entries(totals).map(([name, total]) => `${total.toLocaleString('en-GB', { maximumFractionDigits: 0 })} ${name}`).join(' + ') || 'no cost';
}

function selection() {
  const bar = document.querySelector('[data-bulk]');
  const on = boxes().filter((box) => box.checked);
  for (const box of boxes()) box.closest('[data-row]').setAttribute('aria-selected', String(box.checked));
  if (!bar) return;
  bar.hidden = !on.length;
  const sums = [...bar.querySelectorAll('[data-sum]')].map((el) => `, ${added(on.map((box) => box.closest('[data-row]').dataset[el.dataset.sum]), el.dataset.unit)}`);
  const whole = bar.querySelector('[data-whole-filter]');
  const flag = bar.parentElement.querySelector('[data-all]');
  if (flag && on.length < boxes().length) flag.value = '';
  if (whole) whole.hidden = Boolean(flag.value) || !on.length || on.length < boxes().length;
  bar.querySelector('[data-count]').textContent = flag?.value ? `All ${Number(whole.dataset.total).toLocaleString('en-GB')} in filter selected` : `${on.length} selected${sums.join('')}`;
  const all = document.querySelector('[data-select-all]');
  if (all) { all.checked = on.length > 0 && on.length === boxes().length; all.indeterminate = on.length > 0 && !all.checked; }
}

document.addEventListener('keydown', (event) => {
  if (!list() || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector('dialog[open]') || document.body.dataset.keys === 'off') return;
  const row = current();
  if (event.key === 'j') move(1);
  else if (event.key === 'k') move(-1);
  else if (event.key === 'x' && row) row.querySelector('input[type=checkbox]')?.click();
  else if (event.key === 'Enter' && row && !event.target.closest('button, a, summary')) location.assign(row.dataset.open || link(row).href);
  else if (event.key === 'ArrowDown' && peeking() && !event.target.closest('.peek')) move(1);
  else if (event.key === 'ArrowUp' && peeking() && !event.target.closest('.peek')) move(-1);
  else if (event.key === ' ' && peekButton(row) && !event.target.closest('button, input, summary')) peekButton(row).click();
  else if (event.key === ' ' && row && row.hasAttribute('data-peek') && !event.target.closest('button, input, summary')) row.click();
  else return;
  event.preventDefault();
});

document.addEventListener('change', (event) => {
  if (event.target.matches('[data-select-all]')) for (const box of boxes()) box.checked = event.target.checked;
  if (event.target.closest('[data-rows]')) selection();
});
document.addEventListener('click', (event) => {
  const whole = event.target.closest('[data-whole-filter]');
  if (whole) { whole.closest('form').querySelector('[data-all]').value = '1'; selection(); }
  if (!event.target.closest('[data-clear-selection]')) return;
  for (const box of boxes()) box.checked = false;
  selection();
});
document.body.addEventListener('htmx:afterSwap', selection);
selection();
