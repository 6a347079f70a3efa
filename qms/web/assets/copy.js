// Copy a number, a secret or the address of a page with one press, and say that it was done.
import { announce, say } from './say.js';

const SHOWN = 2500; // ms that a button says so itself

/** Text to the clipboard; where the page has no clipboard (plain http), by a selection the browser copies. */
async function put(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    field.readOnly = true;
    field.className = 'sr';
    const back = document.activeElement;
    document.body.append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    back?.focus();
    return done;
  }
}

/** The words of a button say what happened for a moment; one without such words has its title. Returns what is said. */
function show(button) {
  const words = button.querySelector('[data-said]');
  if (!words) return (button.title = 'Copied');
  words.dataset.was ??= words.textContent;
  words.textContent = words.dataset.said;
  setTimeout(() => { words.textContent = words.dataset.was; }, SHOWN);
  return words.dataset.said;
}

document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copy], [data-copy-link]');
  if (!button) return;
  const link = button.dataset.copyLink;
  const text = link === undefined ? button.dataset.copy : new URL(link, location.href).href;
  if (await put(text)) {
    announce('');
    const said = show(button);
    setTimeout(() => announce(said), 50); // the same words twice in a row would not be read again
  } else say(`The browser does not let this page copy. Select it yourself: ${text}`, 'bad');
});
