// Single keys: off while typing, off when the profile says so. Keys are declared in markup by data-key.
const typing = (el) => el?.closest?.('input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]');
const on = () => document.body.dataset.keys !== 'off';
let pending = '';
let timer = 0;

function goTo(letter) {
  const link = document.querySelector(`[data-go="${CSS.escape(letter)}"]`);
  if (link) link.click();
  return Boolean(link);
}

function press(key) {
  const scope = document.querySelector('dialog[open]') ?? document;
  const target = [...scope.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((el) => el.offsetParent !== null);
  if (!target) return false;
  if (target.matches('input, textarea')) target.focus();
  else target.click();
  return true;
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !on() || typing(event.target)) return;
  const { key } = event;
  if (pending === 'g') {
    pending = '';
    if (goTo(key)) event.preventDefault();
    return;
  }
  if (key === 'g' && !document.querySelector('dialog[open]')) {
    pending = 'g';
    clearTimeout(timer);
    timer = setTimeout(() => { pending = ''; }, 1200);
    return;
  }
  if (key === '?') {
    document.getElementById('keys')?.showModal();
    event.preventDefault();
    return;
  }
  if (press(key)) event.preventDefault();
});
