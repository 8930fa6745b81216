import { expect, test } from 'vitest';
import { facts } from './fixtures';
import { choicesOf, flipped, keeps, readFilters, textOf } from './spanFilters';

const failed = { class: 'server', rule: 'http' } as never;
const spans = [
  facts('a', null, 0, 9, { app: 'gateway', workload: 'gateway' }),
  facts('b', 'a', 1, 5, { app: 'ratings', workload: 'ratings-v1', component: 'proxy', error: failed }),
  facts('c', 'a', 2, 5, { app: 'ratings', error: failed }),
  facts('d', 'a', 3, 5, { app: 'reviews', workload: 'unknown' }),
];
const kept = (...texts: string[]) => spans.filter((span) => keeps(readFilters(texts), span)).map((span) => span.spanID);

test('one of the values of each category', () => {
  expect(kept()).toEqual(['a', 'b', 'c', 'd']);
  expect(kept('app:ratings', 'error:with')).toEqual(['b', 'c']);
  expect(kept('app:ratings', 'app:reviews', 'error:without')).toEqual(['d']);
  expect(kept('workload:unknown')).toEqual(['c', 'd']);
  expect(kept('operation:b')).toEqual(['b']);
  expect(kept('component:proxy', 'app:reviews')).toEqual([]);
});

test('what the address says, and what is none', () => {
  expect(readFilters(['app:a:b', 'nonsense', 'app:', 'other:x']).map(textOf)).toEqual(['app:a:b']);
});

test('choosing and choosing again; with and without errors exclude each other', () => {
  const chosen = flipped(flipped([], 'app:ratings'), 'error:with');
  expect(chosen.map(textOf)).toEqual(['app:ratings', 'error:with']);
  expect(flipped(chosen, 'error:without').map(textOf)).toEqual(['app:ratings', 'error:without']);
  expect(flipped(chosen, 'app:ratings').map(textOf)).toEqual(['error:with']);
});

test('what can be chosen', () => {
  expect(choicesOf(spans).map((one) => one.values.length)).toEqual([3, 3, 2, 4, 2]);
  expect(choicesOf(spans)[1]).toEqual({ category: 'workload', values: ['gateway', 'ratings-v1', 'unknown'] });
});
