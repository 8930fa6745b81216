import type { Point } from './graphBoxes';

export type Area = Point & { width: number; height: number };

const kLeast = { width: 900, height: 420 }; // a small graph is not blown up
const kMargin = 24;
const kCloser = 6; // the most and the least that one may zoom
const kFarther = 4;

// The whole picture with a margin around it.
export function fitted(bounds: Area): Area {
  const width = Math.max(kLeast.width, bounds.width + 2 * kMargin);
  const height = Math.max(kLeast.height, bounds.height + 2 * kMargin);
  return { x: bounds.x + (bounds.width - width) / 2, y: bounds.y + (bounds.height - height) / 2, width, height };
}

// `factor` above 1 comes closer; what is at `around` stays where it is.
export function zoomedAt(area: Area, factor: number, around: Point | undefined, all: Area): Area {
  const width = Math.min(all.width * kFarther, Math.max(Math.min(all.width, kLeast.width) / kCloser, area.width / factor));
  const share = width / area.width;
  const { x, y } = around ?? { x: area.x + area.width / 2, y: area.y + area.height / 2 };
  return { x: x - (x - area.x) * share, y: y - (y - area.y) * share, width, height: area.height * share };
}

// Whether anything of `all` is seen in `area`.
export const within = (area: Area, all: Area): boolean =>
  area.x < all.x + all.width && all.x < area.x + area.width && area.y < all.y + all.height && all.y < area.y + area.height;

// As an address says it: left, top, width; the height follows from the form of the whole.
export const showView = (area: Area): string => [area.x, area.y, area.width].map(Math.round).join(',');

export function parseView(text: string, all: Area): Area | undefined {
  const [x, y, width] = text.split(',').map(Number);
  if (text === '' || x === undefined || y === undefined || width === undefined || ![x, y, width].every(Number.isFinite) || width <= 0) return undefined;
  return { x, y, width, height: (width * all.height) / all.width };
}

export type Way = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown';
export const isWay = (key: string): key is Way => /^Arrow(Left|Right|Up|Down)$/.test(key);

const kWays: Record<Way, Point> = { ArrowLeft: { x: -1, y: 0 }, ArrowRight: { x: 1, y: 0 }, ArrowUp: { x: 0, y: -1 }, ArrowDown: { x: 0, y: 1 } };
export const stepOf = (way: Way, size: number): Point => ({ x: kWays[way].x * size, y: kWays[way].y * size });

// The node that one comes to from `from` by going that way: near, and rather ahead than aside.
export function neighbour(places: ReadonlyMap<string, Point>, from: string, way: Way): string | undefined {
  const here = places.get(from);
  if (!here) return undefined;
  const { x, y } = kWays[way];
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const [id, place] of places) {
    const ahead = (place.x - here.x) * x + (place.y - here.y) * y;
    const aside = Math.abs((place.x - here.x) * y) + Math.abs((place.y - here.y) * x);
    if (id === from || ahead <= 1) continue;
    const cost = ahead + 2 * aside;
    if (cost < least) [best, least] = [id, cost];
  }
  return best;
}
