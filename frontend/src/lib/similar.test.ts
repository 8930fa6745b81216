import { expect, test } from 'vitest';
import { difference, similarTo, type Shape } from './similar';

const shape = (traceId: string, operations: Record<string, number>): Shape => ({
  traceId,
  spans: Object.values(operations).reduce((sum, one) => sum + one, 0),
  operations: new Map(Object.entries(operations)),
});

const v2 = shape('v2', { productpage: 2, details: 2, reviews: 2, ratings: 2 });
const v1 = shape('v1', { productpage: 2, details: 2, reviews: 2 });
const details = shape('details', { details: 2 });

test('eight spans of Bookinfo and six of it', () => {
  expect(difference(v2, v1)).toBeCloseTo(0.25, 10);
  expect(difference(v1, v2)).toBeCloseTo(0.25, 10);
  expect(difference(v2, v2)).toBe(0);
});

test('what only calls details is another thing', () => {
  expect(difference(v2, details)).toBeCloseTo(0.75, 10);
  expect(difference(details, shape('none', {}))).toBe(1);
});

test('only the four that there is most of count', () => {
  const many = shape('many', { a: 9, b: 8, c: 7, d: 6, e: 1, f: 1 });
  expect(difference(many, shape('fewer', { a: 9, b: 8, c: 7, d: 6 }))).toBeCloseTo(2 / 32 / 3, 10);
});

test('similar ones, the most alike first, without the trace itself', () => {
  const again = { ...v2, traceId: 'again' };
  expect(similarTo(v2, [details, v1, v2, again]).map((one) => one.traceId)).toEqual(['again', 'v1']);
});
