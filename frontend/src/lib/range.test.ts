import { expect, test } from 'vitest';
import { momentOf, readRange, windowOf, writeRange } from './range';

const read = (text: string) => readRange(new URLSearchParams(text));

test('a range out of the address', () => {
  expect(read('rangeDuration=3600')).toEqual({ kind: 'last', seconds: 3600 });
  expect(read('from=1000&to=2000')).toEqual({ kind: 'between', from: 1000, to: 2000 });
  expect(read('from=1000&to=2000&rangeDuration=60')).toEqual({ kind: 'between', from: 1000, to: 2000 });
  for (const bad of ['', 'rangeDuration=0', 'rangeDuration=x', 'from=2000&to=1000', 'from=1', 'to=2', 'from=-1&to=2']) {
    expect(read(bad), bad).toBeUndefined();
  }
});

test('what is written is read again, and the other form is gone', () => {
  const search = new URLSearchParams('from=1&to=2&tab=traces');
  writeRange(search, { kind: 'last', seconds: 600 });
  expect(search.toString()).toBe('tab=traces&rangeDuration=600');
  writeRange(search, { kind: 'between', from: 5, to: 7 });
  expect(search.toString()).toBe('tab=traces&from=5&to=7');
});

test('windows are in µs', () => {
  expect(windowOf({ kind: 'last', seconds: 60 }, 1_000_000)).toEqual({ startMicros: 940_000_000, endMicros: 1_000_000_000 });
  expect(windowOf({ kind: 'between', from: 1, to: 2 }, 99)).toEqual({ startMicros: 1000, endMicros: 2000 });
});

test('health is of the end of the range, over the range, at most a day', () => {
  expect(momentOf({ kind: 'last', seconds: 600 })).toEqual({ rateInterval: '600s' });
  expect(momentOf({ kind: 'between', from: 1_000_000, to: 1_090_400 })).toEqual({ queryTime: 1090, rateInterval: '90s' });
  expect(momentOf({ kind: 'last', seconds: 604_800 }).rateInterval).toBe('86400s');
});
