// Keep the old content while waiting: a thin line after 300 ms, words when the answer does not come.
import { say } from './say.js';

const line = document.createElement('div');
line.className = 'load-line';
line.setAttribute('aria-hidden', 'true');
document.body.append(line);
let open = 0;
let timer = 0;

document.body.addEventListener('htmx:beforeRequest', (event) => {
  open += 1;
  clearTimeout(timer);
  timer = setTimeout(() => line.classList.add('is-on'), 300);
  const button = event.detail.requestConfig?.triggeringEvent?.submitter;
  if (button?.dataset.busy) {
    button.dataset.rest = button.textContent;
    button.textContent = button.dataset.busy;
    button.setAttribute('aria-busy', 'true');
  }
});

document.body.addEventListener('htmx:afterRequest', (event) => {
  open = Math.max(0, open - 1);
  if (!open) { clearTimeout(timer); line.classList.remove('is-on'); }
  const button = event.detail.requestConfig?.triggeringEvent?.submitter;
  if (button?.dataset.rest) {
    button.textContent = button.dataset.rest;
    delete button.dataset.rest;
    button.removeAttribute('aria-busy');
  }
});

document.body.addEventListener('htmx:sendError', () => say('The server cannot be reached. Nothing was lost: what you typed is still here. Try again in a moment.', 'bad'));
document.body.addEventListener('htmx:timeout', () => say('The server did not answer within 20 seconds. What you typed is still here. Try again.', 'bad'));
document.body.addEventListener('htmx:responseError', (event) => {
  const { xhr, requestConfig } = event.detail;
  if (xhr.status >= 500) say(`That failed on our side and nothing was saved. Quote this number: ${xhr.getResponseHeader('X-Request-Id') || 'none'}.`, 'bad');
  if (xhr.status !== 401) return;
  if (requestConfig.verb !== 'get') say('Your sign-in has ended and nothing was saved. What you typed is still here: sign in in another tab, then send it again.', 'bad');
  else location.assign(`/sign-in/?next=${encodeURIComponent(location.pathname + location.search)}`);
});
