// Numbers and times in words, the same as the server writes them.
export const minus = (text) => text.replace(/^-/, '−');
// what rounds to zero has no sign
export const fixed = (value, decimals) => (value == null ? '' : minus(Number(value).toFixed(decimals).replace(/^-(?=[0.]*$)/, '')));

export function age(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return `${s} s`;
  const m = Math.floor(s / 60);
  if (m < 60) return `${m} min`;
  const h = Math.floor(m / 60);
  if (h < 24) return m % 60 && h < 10 ? `${h} h ${m % 60} min` : `${h} h`;
  return `${Math.floor(h / 24)} d`;
}

export function stamp(iso, zone, withDay = true) {
  const day = withDay ? { weekday: 'short', day: 'numeric', month: 'short' } : {};
  return new Date(iso).toLocaleString('en-GB', { ...day, hour: '2-digit', minute: '2-digit', timeZone: zone }).replace(',', '');
}

export const zoneName = (iso, zone) => new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'short' })
  .formatToParts(new Date(iso)).find((part) => part.type === 'timeZoneName')?.value ?? zone;
