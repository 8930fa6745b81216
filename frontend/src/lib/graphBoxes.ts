import { layout, type LayoutEdge } from './graphLayout';

export type BoxedNode = { id: string; box: string | undefined }; // the innermost box that it stands in
export type Box = { id: string; box: string | undefined };
export type Point = { x: number; y: number };
export type Frame = Point & { width: number; height: number };
export type Sizes = { node: { width: number; height: number }; gap: { x: number; y: number }; pad: number; head: number };

const kDeepest = 4; // a cluster, a namespace, an application, and one to spare

type Item = { id: string; first: number; last: number; wish: number; height: number; items: Item[]; isBox: boolean };

// One below the other in the columns that they cover, each as near to its wish as the ones before it let it be.
function stack(items: Item[], space: number): Map<string, number> {
  const low = new Map<number, number>();
  const tops = new Map<string, number>();
  for (const item of items.toSorted((a, b) => a.wish - b.wish || a.id.localeCompare(b.id))) {
    let top = item.wish;
    for (let column = item.first; column <= item.last; column += 1) top = Math.max(top, low.get(column) ?? Number.NEGATIVE_INFINITY);
    for (let column = item.first; column <= item.last; column += 1) low.set(column, top + item.height + space);
    tops.set(item.id, top);
  }
  return tops;
}

// Where nodes stand so that boxes hold their members and nothing else, and no two boxes lie over each other unless one is in the other.
// Without boxes it is the plain layout.
export function boxedLayout(nodes: readonly BoxedNode[], boxes: readonly Box[], edges: readonly LayoutEdge[], sizes: Sizes): Map<string, Point> {
  const grid = layout(nodes, edges, { x: sizes.gap.x, y: sizes.gap.y });
  const plain = new Map([...grid].map(([id, { x, y }]) => [id, { x, y }]));
  if (boxes.length === 0) return plain;
  const known = new Set(boxes.map((one) => one.id));
  const inside = new Map<string, Item[]>();
  const outerOf = (one: BoxedNode | Box) => (one.box !== undefined && known.has(one.box) ? one.box : '');
  const put = (box: string, item: Item) => inside.set(box, (inside.get(box) ?? []).concat(item));
  for (const node of nodes) {
    const place = grid.get(node.id);
    if (place) put(outerOf(node), { id: node.id, first: place.layer, last: place.layer, wish: place.y, height: sizes.node.height, items: [], isBox: false });
  }
  const space = sizes.gap.y - sizes.node.height;
  const tops = new Map<string, number>();
  // Inner boxes first: an outer one needs to know how high they are.
  const settle = (name: string, outer: string, depth: number) => {
    for (const box of boxes) if (outerOf(box) === name && depth < kDeepest) settle(box.id, name, depth + 1);
    const items = inside.get(name) ?? [];
    if (items.length === 0) return;
    const own = stack(items, space);
    const top = Math.min(...own.values());
    const bottom = Math.max(...items.map((item) => (own.get(item.id) ?? 0) + item.height));
    for (const [id, at] of own) tops.set(id, at - top);
    if (name === '') return;
    put(outer, {
      id: name,
      first: Math.min(...items.map((one) => one.first)),
      last: Math.max(...items.map((one) => one.last)),
      wish: top - sizes.head,
      height: bottom - top + sizes.head + sizes.pad,
      items,
      isBox: true,
    });
  };
  settle('', '', 0);
  const out = new Map<string, Point>();
  const walk = (items: readonly Item[], from: number) => {
    for (const item of items) {
      const at = from + (tops.get(item.id) ?? 0);
      if (item.isBox) walk(item.items, at + sizes.head);
      else out.set(item.id, { x: plain.get(item.id)?.x ?? 0, y: at });
    }
  };
  walk(inside.get('') ?? [], 0);
  return out;
}

// Around the members as they stand now; outer boxes first, so that they are drawn below.
export function framesOf(nodes: readonly BoxedNode[], boxes: readonly Box[], places: ReadonlyMap<string, Point>, sizes: Sizes): Map<string, Frame> {
  const frames = new Map<string, Frame>();
  const around = (box: Box, depth: number): Frame | undefined => {
    const parts: Frame[] = [];
    for (const node of nodes) {
      const place = node.box === box.id ? places.get(node.id) : undefined;
      if (place) parts.push({ ...place, ...sizes.node });
    }
    frames.delete(box.id);
    const inner = depth < kDeepest ? boxes.filter((one) => one.box === box.id) : [];
    frames.set(box.id, { x: 0, y: 0, width: 0, height: 0 });
    for (const one of inner) {
      const frame = around(one, depth + 1);
      if (frame) parts.push(frame);
    }
    if (parts.length === 0) {
      frames.delete(box.id);
      return undefined;
    }
    const left = Math.min(...parts.map((one) => one.x)) - sizes.pad;
    const top = Math.min(...parts.map((one) => one.y)) - sizes.head;
    const right = Math.max(...parts.map((one) => one.x + one.width)) + sizes.pad;
    const bottom = Math.max(...parts.map((one) => one.y + one.height)) + sizes.pad;
    const frame = { x: left, y: top, width: right - left, height: bottom - top };
    frames.set(box.id, frame);
    return frame;
  };
  const known = new Set(boxes.map((one) => one.id));
  for (const box of boxes) if (box.box === undefined || !known.has(box.box)) around(box, 0);
  return frames;
}

// The nodes of a box, those of the boxes in it too.
export function membersOf(nodes: readonly BoxedNode[], boxes: readonly Box[], box: string): string[] {
  const found = new Set([box]);
  for (let depth = 0; depth < kDeepest; depth += 1) for (const one of boxes) if (one.box !== undefined && found.has(one.box)) found.add(one.id);
  return nodes.filter((node) => node.box !== undefined && found.has(node.box)).map((node) => node.id);
}
