import { expect, test } from 'vitest';
import { behind } from './whom';

const one = (namespace: string, name: string, app: string, istioSidecar = true, podCount = 1) => ({ namespace, name, labels: { app }, istioSidecar, isAmbient: false, podCount });
const all = [
  one('shop', 'details-v1', 'details'),
  one('book', 'details-v2', 'details', false),
  one('book', 'details-v1', 'details'),
  one('book', 'reviews-v1', 'reviews', true, 0),
  one('book', 'dotted', 'a.b'),
];
const names = (service: string) => behind(service, all).map((found) => `${found.namespace}/${found.name}`);

test.each([
  ['details.book', ['book/details-v1', 'book/details-v2']],
  ['details', ['book/details-v1', 'shop/details-v1', 'book/details-v2']],
  ['reviews-v1', ['book/reviews-v1']],
  ['a.b', ['book/dotted']],
  ['a.b.book', ['book/dotted']],
  ['details.nowhere', []],
  ['', ['book/details-v1', 'book/dotted', 'shop/details-v1', 'book/details-v2', 'book/reviews-v1']],
])('%s', (service, found) => {
  expect(names(service)).toEqual(found);
});
