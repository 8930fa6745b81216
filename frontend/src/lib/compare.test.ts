import { expect, test } from 'vitest';
import type { ComparedNode, TraceComparison } from '@/api/schema.gen';
import { placesOf, servicesOf } from './compare';

const node = (service: string, durationA: number, durationB: number): ComparedNode => ({
  path: ['p', service], operation: 'op', inA: durationA > 0 ? 1 : 0, inB: durationB > 0 ? 1 : 0, durationA, durationB, delta: durationB - durationA, errorsA: 0, errorsB: 0,
});
const comparison = { nodes: [node('d', 10, 12), node('r', 10, 40)], onlyA: [node('d', 7, 0)], onlyB: [node('x', 0, 100)] } as unknown as TraceComparison;

test('places, the largest difference first', () => {
  expect(placesOf(comparison, 'all').map((one) => one.delta)).toEqual([100, 30, -7, 2]);
  expect(placesOf(comparison, 'onlyA').map((one) => one.delta)).toEqual([-7]);
});

test('services', () => {
  expect(servicesOf(comparison).map((one) => [one.service, one.spansA, one.spansB, one.delta])).toEqual([['x', 0, 1, 100], ['r', 1, 1, 30], ['d', 2, 1, -5]]);
});
