// One event stream per page for all its topics; asks every 10 s instead where streams are blocked.
// Topics are named in markup: data-topic="record:12". Each message becomes a DOM event `live:<topic>` on body.
const body = document.body;
const listeners = new Map();
let source = null;
let last = '';
let polling = 0;
let failures = 0;

export function on(topic, listener) {
  if (!listeners.has(topic)) listeners.set(topic, new Set());
  listeners.get(topic).add(listener);
  connect();
}

function topics() {
  const named = [...document.querySelectorAll('[data-topic]')].flatMap((el) => el.dataset.topic.split(' '));
  return [...new Set([...named, ...listeners.keys()])].filter(Boolean).sort();
}

function deliver(topic, data) {
  for (const listener of listeners.get(topic) ?? []) listener(data);
  body.dispatchEvent(new CustomEvent(`live:${topic}`, { detail: data }));
}

function connected(yes) {
  document.documentElement.classList.toggle('is-offline', !yes);
  if (yes) { failures = 0; clearInterval(polling); polling = 0; }
}

/** Without a stream every listener is told to fetch for itself. */
function poll() {
  if (polling) return;
  polling = setInterval(() => { for (const topic of topics()) deliver(topic, { poll: true }); }, 10000);
}

let wanted = '';
function connect() {
  const list = topics().join('&topic=');
  if (!list || (list === wanted && source?.readyState !== EventSource.CLOSED)) return;
  wanted = list;
  source?.close();
  source = new EventSource(`/live/?topic=${list}${last ? `&after=${encodeURIComponent(last)}` : ''}`);
  source.onopen = () => connected(true);
  source.onmessage = (event) => {
    last = event.lastEventId || last;
    const message = JSON.parse(event.data);
    deliver(message.topic, message);
  };
  source.onerror = () => {
    connected(false);
    failures += 1;
    if (failures >= 2) poll();
    if (source.readyState === EventSource.CLOSED) setTimeout(() => { wanted = ''; connect(); }, Math.min(5000, 500 * 2 ** failures));
  };
}

connect();
body.addEventListener('htmx:afterSettle', connect);
