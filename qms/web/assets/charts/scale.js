// The same scales and ticks as the server's drawing.
export function span(values, pad = 0.06) {
  const known = values.filter((value) => value != null && Number.isFinite(value));
  if (!known.length) return [0, 1];
  const low = Math.min(...known);
  const high = Math.max(...known);
  const air = (high - low) * pad || Math.abs(high) * pad || 1;
  return [low - air, high + air];
}

export function ticks(low, high, wanted = 4) {
  if (!(high > low)) return [low];
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i <= Math.floor(high / step + 1e-9); i += 1) found.push(Number((i * step).toPrecision(12)));
  return found;
}

export function tickDecimals(values) {
  if (values.length < 2) return 1;
  const step = Math.abs(values[1] - values[0]);
  for (let digits = 0; digits < 7; digits += 1) if (Math.abs(Number(step.toFixed(digits)) - step) < step * 1e-6) return digits;
  return 6;
}

function parts(iso, zone) {
  const made = new Intl.DateTimeFormat('en-GB', { timeZone: zone, weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).formatToParts(new Date(iso));
  return Object.fromEntries(made.map((part) => [part.type, part.value]));
}

const GRAINS = [
  [3456000, (p) => `${p.day}${p.month}`, (p) => `${p.day} ${p.month}`],
  [172800, (p) => `${p.day}${p.month}`, (p) => `${p.weekday} ${p.day}`],
  [21600, (p) => `${p.day}/${Math.floor(p.hour / 4)}`, (p) => `${p.weekday} ${p.hour}:${p.minute}`],
  [5400, (p) => `${p.day}/${p.hour}`, (p) => `${p.hour}:${p.minute}`],
  [0, (p) => `${p.day}/${p.hour}/${Math.floor(p.minute / 10)}`, (p) => `${p.hour}:${p.minute}`],
];

/** Where points lie dense, a long stretch without a label gets one in its middle; within a day the clock. */
function fillGaps(found, times, zone, words) {
  const filled = [];
  found.forEach(([index, before], position) => {
    filled.push([index, before]);
    const next = found[position + 1]?.[0] ?? times.length - 1;
    if (next - index <= times.length / 3) return;
    const middle = Math.floor((index + next) / 2);
    const p = parts(times[middle], zone);
    filled.push([middle, words(p) === before ? `${p.hour}:${p.minute}` : words(p)]);
  });
  return new Map(filled);
}

/** Indexes of points where a new day, hour or ten minutes begins -> words, thinned to `room` labels. */
export function timeTicks(times, zone, room) {
  if (!times.length) return new Map();
  const seconds = Math.abs(new Date(times.at(-1)) - new Date(times[0])) / 1000; // a clock may have been put back
  const [, key, words] = GRAINS.find(([from]) => seconds >= from);
  const found = [];
  let before = '';
  times.forEach((time, index) => {
    const p = parts(time, zone);
    const now = key(p);
    if (now !== before) found.push([index, words(p)]);
    before = now;
  });
  const stride = Math.ceil(found.length / room);
  const shown = found.filter((_, position) => position % stride === 0);
  if (shown.length > 1 && shown[1][0] - shown[0][0] < times.length / room) shown.shift(); // they would stand in each other
  return fillGaps(shown, times, zone, words);
}

/** Label positions (ascending) at least `distance` apart, kept inside [low, high]. */
export function spreadApart(wanted, distance, low, high) {
  const placed = [...wanted];
  for (let i = 1; i < placed.length; i += 1) placed[i] = Math.max(placed[i], placed[i - 1] + distance);
  const over = placed.length ? placed.at(-1) - high : 0;
  if (over > 0) {
    placed[placed.length - 1] -= over;
    for (let i = placed.length - 2; i >= 0; i -= 1) placed[i] = Math.max(low, Math.min(placed[i], placed[i + 1] - distance));
  }
  return placed;
}
