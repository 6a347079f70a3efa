// Copy a number or a topic with one press.
import { announce } from './say.js';

document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copy]');
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    announce(`Copied ${button.dataset.copy}`);
    button.title = 'Copied';
  } catch {
    const range = document.createRange();
    const text = button.previousElementSibling;
    if (text) { range.selectNodeContents(text); getSelection().removeAllRanges(); getSelection().addRange(range); }
  }
});
