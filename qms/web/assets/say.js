// One place for words that appear: visible messages and the polite live region.
const polite = () => document.getElementById('live-words');

export function announce(text) {
  const region = polite();
  if (region) region.textContent = text;
}

export function icon(name, size = '') {
  const href = document.body.dataset.icons;
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', `ic ${size}`.trim());
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `${href}#${name}`);
  svg.append(use);
  return svg;
}

export function say(text, tone = '') {
  const box = document.getElementById('messages');
  if (!box) return;
  const row = document.createElement('div');
  row.className = `msg ${tone ? `is-${tone}` : ''}`;
  row.setAttribute('role', tone === 'bad' ? 'alert' : 'status');
  const words = document.createElement('span');
  words.className = 'grow';
  words.textContent = text;
  const close = document.createElement('button');
  close.type = 'button';
  close.className = 'ibtn';
  close.dataset.dismiss = '';
  close.setAttribute('aria-label', 'Dismiss');
  close.append(icon('x', 's14'));
  row.append(words, close);
  const dialog = document.querySelector('dialog[open]'); // what lies behind one is dimmed and out of reach
  if (dialog) dialog.prepend(row); else box.append(row);
  if (tone !== 'bad') setTimeout(() => row.remove(), 10000);
}

document.addEventListener('click', (event) => event.target.closest('[data-dismiss]')?.closest('.msg')?.remove());
