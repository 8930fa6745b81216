import type { FamilySeries } from '@/api/schema.gen';
import { pointsOf } from './metrics';

export type Spark = { values: Array<number | null>; last: number; least: number; most: number; mean: number };

// The only series of a family as a small line; undefined where nothing was measured. Gaps stay gaps.
export function sparkOf(family: FamilySeries | undefined): Spark | undefined {
  const series = family?.[0];
  if (!series) return undefined;
  const values = pointsOf(series).map(([, value]) => value);
  const known = values.filter((value): value is number => value !== null);
  const last = known.at(-1);
  if (last === undefined) return undefined;
  const least = known.reduce((a, b) => Math.min(a, b));
  const most = known.reduce((a, b) => Math.max(a, b));
  return { values, last, least, most, mean: known.reduce((a, b) => a + b, 0) / known.length };
}

// Its way in a picture of that size: from zero up to the largest value. A point without a neighbour is a short stroke.
export function sparkPath(values: ReadonlyArray<number | null>, width: number, height: number): string {
  const most = values.reduce<number>((top, value) => Math.max(top, value ?? 0), 0);
  const step = width / Math.max(1, values.length - 1);
  const round = (value: number) => Math.round(value * 10) / 10;
  let path = '';
  values.forEach((value, at) => {
    if (value === null) return;
    const [x, y] = [round(at * step), round(height - (most > 0 ? (height * value) / most : 0))];
    const before = at > 0 && values[at - 1] !== null;
    const after = at + 1 < values.length && values[at + 1] !== null;
    path += before ? `L${x} ${y}` : `M${x} ${y}`;
    if (!before && !after) path += 'h1';
  });
  return path;
}

// How many percent of the requests of a stretch of time failed, of two lines at the same moments.
export function errorShare(requests: Spark | undefined, errors: Spark | undefined): number | undefined {
  if (!requests || requests.mean <= 0) return undefined;
  const sum = (values: ReadonlyArray<number | null>) => values.reduce<number>((total, value) => total + (value ?? 0), 0);
  return Math.min(100, (100 * sum(errors?.values ?? [])) / sum(requests.values));
}
