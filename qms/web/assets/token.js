// The token that proves a form is ours changes when the person signs in; a page left open sends the newest.
const NAME = 'csrftoken';

/** The newest token, which any tab may have received; empty when there is none. */
export const token = () => document.cookie.split('; ').find((pair) => pair.startsWith(`${NAME}=`))?.slice(NAME.length + 1) ?? '';

document.addEventListener('submit', (event) => {
  const field = event.target.elements?.csrfmiddlewaretoken;
  if (field && token()) field.value = token();
}, true);

document.addEventListener('htmx:configRequest', (event) => {
  if (!token()) return;
  event.detail.headers['X-CSRFToken'] = token();
  if (event.detail.verb !== 'get' && 'csrfmiddlewaretoken' in event.detail.parameters) event.detail.parameters.csrfmiddlewaretoken = token();
});
