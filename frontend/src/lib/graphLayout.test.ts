import { expect, test } from 'vitest';
import { layout } from './graphLayout';

const nodes = (...ids: string[]) => ids.map((id) => ({ id, box: id.startsWith('r') ? 'reviews' : undefined }));
const edge = (text: string) => ({ source: text.split('>')[0] ?? '', target: text.split('>')[1] ?? '' });
const gap = { x: 1, y: 1 };

test('callers stand left of whom they call', () => {
  const places = layout(nodes('t', 'r1', 'p', 'g', 'd', 'r2'), ['g>p', 'p>d', 'p>r1', 'p>r2', 'r2>t', 'p>t'].map(edge), gap);
  expect(['g', 'p', 'd', 'r1', 'r2', 't'].map((id) => places.get(id)?.x)).toEqual([0, 1, 2, 2, 2, 3]);
});

test('those of a box stand together, and no two nodes at one place', () => {
  const places = layout(nodes('p', 'r1', 'd', 'r2', 'x', 'r3'), ['p>r1', 'p>d', 'p>r2', 'p>x', 'p>r3'].map(edge), gap);
  const ys = ['r1', 'r2', 'r3'].map((id) => places.get(id)?.y ?? 0).sort((a, b) => a - b);
  expect((ys[2] ?? 0) - (ys[0] ?? 0)).toBe(2);
  expect(new Set([...places.values()].map((one) => `${one.x} ${one.y}`)).size).toBe(6);
});

test('circles, edges to oneself and to nobody', () => {
  const places = layout(nodes('a', 'b', 'c'), ['a>b', 'b>c', 'c>a', 'b>b', 'a>z'].map(edge), gap);
  expect(['a', 'b', 'c'].map((id) => places.get(id)?.x)).toEqual([0, 1, 2]);
});

test('the same graph always looks the same, and a thousand nodes have places', () => {
  const many = Array.from({ length: 1000 }, (_, at) => ({ id: `n${at}`, box: undefined }));
  const edges = many.slice(1).map((node, at) => ({ source: `n${Math.floor(at / 3)}`, target: node.id }));
  const begun = performance.now();
  expect([...layout(many, edges, gap)]).toEqual([...layout(many, edges, gap)]);
  expect(performance.now() - begun).toBeLessThan(5000);
});
