// How sizes, numbers and instants are written.
import { useSettings } from '../hooks/settings';

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

export function sizeText(bytes: number): string {
  let unit = 0;
  let size = bytes;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit ? size.toFixed(size < 10 ? 2 : 1) : size} ${UNITS[unit]}`;
}

export function countText(count: number): string {
  return count.toLocaleString('en-US');
}

export function pluralOf(noun: string): string {
  return /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}

export function countOf(count: number, noun: string): string {
  return `${countText(count)} ${count === 1 ? noun : pluralOf(noun)}`;
}

export function durationText(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}

// "2026-11-22 05:58:00 UTC", or the browser's own time without a zone's name.
export function timeText(time: Date, local: boolean): string {
  if (Number.isNaN(time.getTime())) return '-';
  if (!local) return `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

export function agoText(time: Date, now = new Date()): string {
  const seconds = (now.getTime() - time.getTime()) / 1000;
  return seconds < 0 ? `in ${durationText(-seconds)}` : `${durationText(seconds)} ago`;
}

export function Time({ at }: { at: Date | string | undefined }) {
  const { settings } = useSettings();
  if (!at) return <>-</>;
  const time = typeof at === 'string' ? new Date(at) : at;
  return (
    <time dateTime={time.toISOString()} title={agoText(time)}>
      {timeText(time, settings.localTime)}
    </time>
  );
}

export function Size({ bytes }: { bytes: number | undefined }) {
  if (bytes === undefined) return <>-</>;
  return <span title={`${countText(bytes)} bytes`}>{sizeText(bytes)}</span>;
}
