// One native dialog, filled by the server; closing gives focus back to what opened it.
let opener = null;
const dialog = () => document.getElementById('dialog');

document.body.addEventListener('htmx:beforeRequest', (event) => {
  if (event.detail.target?.id === 'dialog' && !dialog().open) opener = document.activeElement;
});

document.body.addEventListener('htmx:afterSwap', (event) => {
  const box = dialog();
  if (event.detail.target !== box) return;
  if (!box.firstElementChild) { if (box.open) box.close(); return; }
  box.classList.toggle('narrow', Boolean(box.querySelector('[data-narrow]')));
  if (!box.open) box.showModal();
  const bad = box.querySelector('[aria-invalid="true"], .err, .msg.is-bad');
  const first = bad ?? box.querySelector('[autofocus], input:not([type=hidden]), textarea, select, button');
  (first?.matches('input, textarea, select, button') ? first : first?.querySelector('input') ?? box).focus();
});

document.addEventListener('click', (event) => {
  if (event.target.closest('[data-close-dialog]')) event.target.closest('dialog')?.close();
});

document.addEventListener('close', (event) => {
  if (event.target.id !== 'dialog') return;
  event.target.replaceChildren();
  opener?.isConnected && opener.focus();
  opener = null;
}, true);

document.body.addEventListener('dialog:close', () => dialog()?.open && dialog().close());

// dialogs that are already on the page: data-open="keys" opens #keys
document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-open]');
  if (button?.matches('button')) document.getElementById(button.dataset.open)?.showModal();
});
