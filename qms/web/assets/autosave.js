// Forms that save while typing: half a breath after the last key, with a visible state; nothing typed is ever lost.
import htmx from './htmx.js';
import { token } from './token.js';

const WAIT = 1500;
const AGAIN = 5000;
const busy = new WeakSet();
const timers = new WeakMap();
let lastSave = 0;

/** Whether this page itself changed its record a moment ago, so that the news of it is not news. */
export const savedHere = () => Date.now() - lastSave < 4000;

const say = (form, words, tone = 'i3') => {
  const state = form.querySelector('[data-save-state]');
  if (state) { state.textContent = words; state.className = `t12 ${tone}`; }
};

function later(form, wait = WAIT) {
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => save(form), wait));
}

function showErrors(form, errors) {
  for (const old of form.querySelectorAll('[data-auto-error]')) old.remove();
  for (const field of form.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid');
  for (const [name, texts] of Object.entries(errors)) {
    const field = name && form.elements[name];
    const note = document.createElement('span');
    note.className = 'err';
    note.dataset.autoError = '';
    note.textContent = texts.join(' ');
    if (field) { field.setAttribute('aria-invalid', 'true'); field.after(note); } else form.querySelector('[data-save-state]').before(note);
  }
}

/** What the page says of the record around its forms, as it is after a save. */
async function refresh() {
  const answer = await fetch(location.pathname + location.search, { headers: { Accept: 'text/html' } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const part of document.querySelectorAll('[data-fresh]')) {
    const now = page.querySelector(`[data-fresh="${CSS.escape(part.dataset.fresh)}"]`);
    if (!now || now.isEqualNode(part) || part.contains(document.activeElement)) continue;
    part.replaceChildren(...now.childNodes);
    htmx.process(part);
  }
}

async function save(form, { leaving = false } = {}) {
  if (busy.has(form) || !form.isConnected) return;
  if (form.querySelector('[data-clash]')) return;
  busy.add(form);
  delete form.dataset.again;
  say(form, 'Saving');
  try {
    const body = new FormData(form);
    if (token()) body.set('csrfmiddlewaretoken', token());
    // a save that outlives its page may carry 64 KiB; any other as much as was typed
    const answer = await fetch(form.action, { method: 'POST', body, headers: { 'X-Autosave': '1', Accept: 'application/json' }, keepalive: leaving });
    await take(form, answer);
  } catch {
    say(form, 'Not saved: the server cannot be reached. What you typed stays here; trying again.', 'sig');
    later(form, AGAIN);
  } finally {
    busy.delete(form);
    if ('again' in form.dataset) later(form);
  }
}

async function take(form, answer) {
  const data = answer.headers.get('Content-Type')?.includes('json') ? await answer.json() : {};
  if (answer.ok && data.saved) {
    form.elements.seen.value = data.seen;
    lastSave = Date.now();
    showErrors(form, {});
    if (!('again' in form.dataset)) delete form.dataset.dirty;
    say(form, `Saved ${data.saved}`, 'goo');
    refresh();
  } else if (data.errors) {
    showErrors(form, data.errors);
    say(form, 'Not saved yet: see the marked fields', 'sig');
  } else if (data.clash) {
    htmx.swap(form, data.clash, { swapStyle: 'afterbegin' });
    say(form, 'Not saved: choose theirs or yours above', 'sig');
  } else if (answer.status === 401 || answer.redirected) {
    say(form, 'Not saved: you are signed out. Sign in in another tab; what you typed stays here.', 'sig');
    later(form, AGAIN * 2);
  } else {
    say(form, `Not saved: ${data.refused ?? 'this failed on our side; what you typed stays here'}`, 'sig');
  }
}

document.addEventListener('input', (event) => {
  const form = event.target.form;
  if (!form?.matches('[data-autosave]')) return;
  if (busy.has(form)) form.dataset.again = '';
  say(form, 'Typing');
  later(form);
});

document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') for (const form of document.querySelectorAll('form[data-autosave][data-dirty]')) save(form, { leaving: true });
});

document.addEventListener('submit', (event) => clearTimeout(timers.get(event.target)));

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-take]');
  if (!button) return;
  const row = button.closest('[data-field]');
  const form = row.closest('form');
  const field = form.elements[row.dataset.field];
  if (button.dataset.take === 'theirs') {
    if (field.type === 'checkbox') field.checked = row.dataset.theirs === 'True';
    else field.value = row.dataset.theirs;
  }
  const prefix = row.dataset.field.slice(0, row.dataset.field.lastIndexOf('-') + 1);
  const seen = JSON.parse(form.elements.seen.value);
  seen[row.dataset.field.slice(prefix.length)] = row.dataset.mark;
  form.elements.seen.value = JSON.stringify(seen);
  const box = row.closest('[data-clash]');
  row.remove();
  if (box.querySelector('[data-field]')) return;
  box.remove();
  field.focus();
  save(form);
});
