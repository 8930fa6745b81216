import { expect, test } from 'vitest';
import { criticalPath } from './criticalPath';
import { facts } from './fixtures';

const total = (path: ReturnType<typeof criticalPath>) =>
  [...path.values()].flat().reduce((sum, one) => sum + one.to - one.from, 0);

test('the child that ends last holds up its parent', () => {
  const path = criticalPath([facts('a', null, 0, 100), facts('b', 'a', 10, 40), facts('c', 'a', 20, 70), facts('d', 'c', 30, 20)]);
  expect(path.get('a')).toEqual([{ from: 90, to: 100 }, { from: 0, to: 20 }]);
  expect(path.has('b')).toBe(false);
  expect(path.get('c')).toEqual([{ from: 50, to: 90 }, { from: 20, to: 30 }]);
  expect(path.get('d')).toEqual([{ from: 30, to: 50 }]);
  expect(total(path)).toBe(100);
});

test('one after the other, both count', () => {
  const path = criticalPath([facts('a', null, 0, 100), facts('b', 'a', 0, 50), facts('c', 'a', 50, 50)]);
  expect(path.has('a')).toBe(false);
  expect(total(path)).toBe(100);
});

test('a child that sticks out is clipped, one outside does not count', () => {
  const path = criticalPath([facts('a', null, 100, 100), facts('b', 'a', 50, 100), facts('c', 'a', 300, 10)]);
  expect(path.get('b')).toEqual([{ from: 100, to: 150 }]);
  expect(path.has('c')).toBe(false);
  expect(total(path)).toBe(100);
});

test('a consumer does not hold up its producer', () => {
  const path = criticalPath([facts('a', null, 0, 100, { kind: 'producer' }), facts('b', 'a', 10, 90, { kind: 'consumer' })]);
  expect(path.has('b')).toBe(false);
});

test('a trace may be deep', () => {
  const spans = Array.from({ length: 20_000 }, (_, at) => facts(String(at), at === 0 ? null : String(at - 1), at, 40_000 - 2 * at));
  expect(total(criticalPath(spans))).toBe(40_000);
});
