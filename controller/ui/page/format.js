// Times, durations and numbers for people. Times are shown as the reader's clock has them, with UTC as the title.
import {el} from './dom.js';

const two = (number) => String(number).padStart(2, '0');

export function localTime(date, now = new Date()) {
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  if (date.toDateString() === now.toDateString()) return clock;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock}`;
}

export const utcTime = (date) => `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;

export function when(text) {
  const date = new Date(text ?? NaN);
  if (Number.isNaN(date.getTime())) return '–';
  return el('time', {datetime: text, title: utcTime(date)}, localTime(date));
}

export function duration(milliseconds) {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor((seconds % 86400) / 3600)} h`;
}

export function between(from, to) {
  const length = new Date(to) - new Date(from);
  return Number.isNaN(length) ? '' : duration(length);
}

// A position or a lag is in a unit that only the application knows, so it has no unit here.
export function number(value) {
  return value === undefined || value === null ? '–' : value.toLocaleString('en').replaceAll(',', ' ');
}

export function shortNumber(value) {
  for (const [size, letter] of [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e4, 'k']]) {
    if (value >= size) {
      const unit = letter === 'k' ? 1e3 : size;
      return `${(value / unit).toPrecision(3)}${letter}`;
    }
  }
  return String(value);
}

export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
