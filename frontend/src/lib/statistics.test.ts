import { expect, test } from 'vitest';
import { facts } from './fixtures';
import { around, flames } from './flame';
import { sortRows, statistics } from './statistics';

const spans = [
  facts('1', null, 0, 100, { service: 'p', operationName: 'page', selfTime: 20 }),
  facts('2', '1', 10, 30, { service: 'd', operationName: 'get', selfTime: 30 }),
  facts('3', '1', 50, 50, { service: 'd', operationName: 'get', selfTime: 40, error: { class: 'server', rule: 'http' } as never }),
  facts('4', '3', 60, 10, { service: 'r', operationName: 'rate', selfTime: 10 }),
  facts('5', '2', 20, 5, { service: 'r', operationName: 'hidden', selfTime: 5, redacted: true }),
];

test('by service', () => {
  const rows = sortRows(statistics(spans, 'service'), 'self', false);
  expect(rows.map((row) => [row.name, row.count, row.errors, row.total, row.avg, row.min, row.max, row.self])).toEqual([
    ['d', 2, 1, 80, 40, 30, 50, 70],
    ['p', 1, 0, 100, 100, 100, 100, 20],
    ['r', 1, 0, 10, 10, 10, 10, 10],
  ]);
  expect(rows.reduce((sum, row) => sum + row.share, 0)).toBeCloseTo(100);
  expect(sortRows(rows, 'name', true).map((row) => row.name)).toEqual(['d', 'p', 'r']);
  expect(statistics(spans, 'operation').map((row) => row.name)).toContain('d: get');
});

test('siblings that do the same are one frame, under which the children of all of them are', () => {
  const frames = flames(spans.slice(0, 4));
  expect(frames.map((one) => [one.operation, one.count, one.total, one.depth, one.left])).toEqual([
    ['page', 1, 100, 0, 0],
    ['get', 2, 80, 1, 0],
    ['rate', 1, 10, 2, 0],
  ]);
  expect(frames[1]?.spanId).toBe('3');
  const more = flames([...spans.slice(0, 4), facts('9', '1', 0, 1)]);
  expect(around(more, more.find((one) => one.operation === 'get')?.id ?? '').frames.map((one) => one.operation)).toEqual(['page', 'get', 'rate']);
  expect(around(more, 'none').frames).toBe(more);
});

test('a parent is at least as long as its children, roots stand side by side', () => {
  const frames = flames([facts('a', null, 0, 10), facts('b', 'a', 0, 15), facts('c', 'a', 0, 5), facts('z', null, 0, 7)]);
  expect(frames.map((one) => [one.operation, one.total, one.left])).toEqual([['a', 20, 0], ['z', 7, 20], ['b', 15, 0], ['c', 5, 15]]);
});

test('a trace may be deep', () => {
  const deep = Array.from({ length: 5000 }, (_, at) => facts(`s${at}`, at === 0 ? null : `s${at - 1}`, at, 5000 - at));
  expect(flames(deep).length).toBe(5000);
});
