import { savedHere } from './autosave.js';

// Small form manners: submit on choice, ask before leaving typed text, paste files.
document.addEventListener('change', (event) => {
  if (event.target.closest('[data-submit-on-change]')) event.target.form?.requestSubmit();
});

document.addEventListener('input', (event) => { if (event.target.form?.matches('[data-keep]')) event.target.form.dataset.dirty = ''; });
document.addEventListener('submit', (event) => { delete event.target.dataset.dirty; });
window.addEventListener('beforeunload', (event) => { if (document.querySelector('form[data-dirty]')) event.preventDefault(); });

document.addEventListener('paste', (event) => {
  const input = document.querySelector('input[type=file][data-paste]');
  if (!input || !event.clipboardData?.files.length) return;
  input.files = event.clipboardData.files;
  input.form?.requestSubmit();
});

document.addEventListener('drop', (event) => {
  const zone = event.target.closest('.drop');
  if (!zone || !event.dataTransfer?.files.length) return;
  event.preventDefault();
  zone.querySelector('input[type=file]').files = event.dataTransfer.files;
  zone.closest('form')?.requestSubmit();
});
document.addEventListener('dragover', (event) => { if (event.target.closest('.drop')) event.preventDefault(); });

// chosen columns travel as one field: cols=number,title,due
document.addEventListener('submit', (event) => {
  const field = event.target.querySelector('[data-columns]');
  if (field) field.value = [...event.target.querySelectorAll('[data-column]:checked')].map((box) => box.dataset.column).join(',');
});

document.addEventListener('click', (event) => { if (event.target.closest('[data-print]')) print(); });

// a record page says when somebody else changed the record, instead of changing under the reader's hands
const news = document.getElementById('record-news');
const head = document.querySelector('.head[data-topic^="record:"]');
if (news && head) document.body.addEventListener(`live:${head.dataset.topic}`, (event) => { if (!event.detail.poll && !savedHere()) news.hidden = false; });
