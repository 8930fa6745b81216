import { expect, test } from 'vitest';
import { fitted, neighbour, parseView, showView, within, zoomedAt, type Way } from './graphArea';

const all = fitted({ x: 0, y: 0, width: 1952, height: 952 });

test('a small graph keeps its size in the middle, a large one fills the picture', () => {
  expect(fitted({ x: 0, y: 0, width: 100, height: 20 })).toEqual({ x: -400, y: -200, width: 900, height: 420 });
  expect(all).toEqual({ x: -24, y: -24, width: 2000, height: 1000 });
});

test('zooming leaves what is under the pointer there, and ends somewhere', () => {
  const near = zoomedAt(all, 2, { x: 476, y: 226 }, all);
  expect(near).toEqual({ x: 226, y: 101, width: 1000, height: 500 });
  expect(zoomedAt(near, 0.5, { x: 476, y: 226 }, all)).toEqual(all);
  expect(zoomedAt(all, 1e9, undefined, all).width).toBe(150);
  expect(zoomedAt(all, 1e-9, undefined, all).width).toBe(8000);
});

test('the address says where one is', () => {
  const area = { x: 226, y: 101, width: 1000, height: 500 };
  expect(showView(area)).toBe('226,101,1000');
  expect(parseView(showView(area), all)).toEqual(area);
  for (const wrong of ['', '1,2', 'a,b,c', '1,2,0', '1,2,-5']) expect(parseView(wrong, all), wrong).toBeUndefined();
  expect(within(area, all)).toBe(true);
  expect(within({ ...area, x: 5000 }, all)).toBe(false);
});

test.each<[string, Way, string | undefined]>([
  ['a', 'ArrowRight', 'b'],
  ['b', 'ArrowLeft', 'a'],
  ['b', 'ArrowDown', 'c'],
  ['c', 'ArrowUp', 'b'],
  ['a', 'ArrowUp', undefined],
  ['c', 'ArrowRight', 'far'],
])('from %s with %s', (from, way, expected) => {
  const places = new Map([['a', { x: 0, y: 0 }], ['b', { x: 250, y: 0 }], ['c', { x: 250, y: 76 }], ['far', { x: 900, y: 10 }]]);
  expect(neighbour(places, from, way)).toBe(expected);
});
