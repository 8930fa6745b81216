import { expect, test } from 'vitest';
import type { FamilySeries } from '@/api/schema.gen';
import { errorShare, sparkOf, sparkPath } from './spark';

const family = (...values: string[]): FamilySeries => [{ name: 'request_count', labels: {}, datapoints: values.map((value, at) => [at * 15, value]) }];

test('a family is a line with its figures; what cannot be drawn is a gap', () => {
  expect(sparkOf(family('1', 'NaN', '3', '2'))).toEqual({ values: [1, null, 3, 2], last: 2, least: 1, most: 3, mean: 2 });
  expect(sparkOf(family('NaN'))).toBeUndefined();
  expect(sparkOf(null)).toBeUndefined();
  expect(sparkOf(undefined)).toBeUndefined();
  expect(sparkOf([])).toBeUndefined();
});

test.each([
  [[0, 5, 10], 'M0 20L50 10L100 0'],
  [[0, 0], 'M0 20L100 20'],
  [[10, null, 10, 5], 'M0 0h1M66.7 0L100 10'],
  [[null, null], ''],
  [[4], 'M0 0h1'],
])('the way of %j', (values, path) => {
  expect(sparkPath(values as Array<number | null>, 100, 20)).toBe(path);
});

test('the share of failed requests is over all of the time, not of its last moment', () => {
  const requests = sparkOf(family('10', '10', '0'));
  expect(errorShare(requests, sparkOf(family('0', '1', 'NaN')))).toBe(5);
  expect(errorShare(requests, undefined)).toBe(0);
  expect(errorShare(sparkOf(family('0')), sparkOf(family('0')))).toBeUndefined();
  expect(errorShare(undefined, undefined)).toBeUndefined();
});
