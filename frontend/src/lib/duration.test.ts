import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from './duration';

test.each([
  [0, '0µs'],
  [999, '999µs'],
  [5960, '5.96ms'],
  [24130, '24.13ms'],
  [999_990, '999.99ms'],
  [999_996, '1s'],
  [1_200_000, '1.2s'],
  [90_000_000, '1m 30s'],
  [-1140, '-1.14ms'],
  [Number.NaN, '–'],
])('%d µs is %s', (micros, text) => {
  expect(formatDuration(micros)).toBe(text);
});

test.each([
  ['1.2s', 1_200_000],
  ['100ms', 100_000],
  ['500us', 500],
  ['500µs', 500],
  ['1m 30s', 90_000_000],
  ['250', 250_000],
  ['', undefined],
  ['fast', undefined],
  ['10 parsecs', undefined],
  ['-5ms', undefined],
])('"%s" is %s µs', (text, micros) => {
  expect(parseDuration(text)).toBe(micros);
});
