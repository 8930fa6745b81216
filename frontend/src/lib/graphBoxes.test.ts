import { expect, test } from 'vitest';
import { boxedLayout, framesOf, membersOf, type Box, type BoxedNode, type Frame } from './graphBoxes';

const sizes = { node: { width: 170, height: 46 }, gap: { x: 250, y: 76 }, pad: 12, head: 26 };
const edge = (text: string) => ({ source: text.split('>')[0] ?? '', target: text.split('>')[1] ?? '' });
const node = (id: string, box?: string): BoxedNode => ({ id, box });
const box = (id: string, outer?: string): Box => ({ id, box: outer });

const apart = (a: Frame, b: Frame) => a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
const holds = (a: Frame, b: Frame) => a.x <= b.x && a.y <= b.y && a.x + a.width >= b.x + b.width && a.y + a.height >= b.y + b.height;

// Two namespaces whose members call each other back and forth, an application in one of them, and somebody outside.
const nodes = [node('g', 'istio'), node('p', 'book'), node('x'), node('d', 'book'), node('r1', 'reviews'), node('r2', 'reviews'), node('e', 'istio'), node('t', 'book')];
const boxes = [box('reviews', 'book'), box('book'), box('istio'), box('empty')];
const edges = ['g>p', 'p>d', 'p>r1', 'p>r2', 'p>x', 'r2>t', 'r1>e', 'x>t'].map(edge);

test('a box holds its members and no one else, and boxes do not lie over each other', () => {
  const places = boxedLayout(nodes, boxes, edges, sizes);
  const frames = framesOf(nodes, boxes, places, sizes);
  expect(places.size).toBe(nodes.length);
  expect([...frames.keys()].sort()).toEqual(['book', 'istio', 'reviews']);
  expect([...frames.keys()].indexOf('book')).toBeLessThan([...frames.keys()].indexOf('reviews'));
  for (const [name, frame] of frames) {
    const members = membersOf(nodes, boxes, name);
    for (const one of nodes) {
      const place = { ...(places.get(one.id) ?? { x: 0, y: 0 }), ...sizes.node };
      if (members.includes(one.id)) expect(holds(frame, place), `${name} holds ${one.id}`).toBe(true);
      else expect(apart(frame, place), `${name} leaves out ${one.id}`).toBe(true);
    }
  }
  const [book, istio, reviews] = [frames.get('book'), frames.get('istio'), frames.get('reviews')] as [Frame, Frame, Frame];
  expect(apart(book, istio)).toBe(true);
  expect(holds(book, reviews)).toBe(true);
  expect(membersOf(nodes, boxes, 'book').sort()).toEqual(['d', 'p', 'r1', 'r2', 't']);
});

test('callers stay left of whom they call, and nodes apart', () => {
  const places = boxedLayout(nodes, boxes, edges, sizes);
  for (const { source, target } of edges) expect(places.get(source)?.x).toBeLessThan(places.get(target)?.x ?? 0);
  const all = [...places.values()].map((place) => ({ ...place, ...sizes.node }));
  all.forEach((one, at) => all.slice(at + 1).forEach((other) => expect(apart(one, other)).toBe(true)));
});

test('without boxes it is the plain layout; a box that nobody knows does no harm', () => {
  const plain = boxedLayout(nodes, [], edges, sizes);
  expect(plain.get('g')?.x).toBe(0);
  expect(framesOf(nodes, [], plain, sizes).size).toBe(0);
  const lost = boxedLayout([node('a', 'nobody'), node('b', 'one')], [box('one', 'nobody either')], [], sizes);
  expect(lost.size).toBe(2);
});

test('a frame follows a member that was moved', () => {
  const places = boxedLayout(nodes, boxes, edges, sizes);
  const before = framesOf(nodes, boxes, places, sizes).get('reviews') as Frame;
  places.set('r1', { x: before.x + 900, y: before.y });
  const after = framesOf(nodes, boxes, places, sizes).get('reviews') as Frame;
  expect(after.x + after.width).toBe(before.x + 900 + 170 + 12);
});
