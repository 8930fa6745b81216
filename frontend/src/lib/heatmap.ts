export type Palette = 'classic' | 'safe';
export type Scale = 'absolute' | 'relative';

type Rgb = readonly [number, number, number];

// From much faster to much slower. `safe` is told apart by people who cannot tell red from green.
const kAnchors: Record<Palette, readonly Rgb[]> = {
  classic: [[62, 134, 53], [146, 212, 0], [228, 245, 188], [240, 171, 0], [201, 25, 11]],
  safe: [[5, 62, 120], [92, 157, 214], [242, 242, 242], [244, 165, 96], [158, 64, 3]],
};

const kMost = 10; // ms, to either side

function rgbOf(value: number, palette: Palette): Rgb {
  const anchors = kAnchors[palette];
  const place = ((Math.min(kMost, Math.max(-kMost, value)) + kMost) / (2 * kMost)) * (anchors.length - 1);
  const below = anchors[Math.floor(place)] ?? [0, 0, 0];
  const above = anchors[Math.ceil(place)] ?? [0, 0, 0];
  const part = place - Math.floor(place);
  const mixed = (at: 0 | 1 | 2) => Math.floor(below[at] + (above[at] - below[at]) * part);
  return [mixed(0), mixed(1), mixed(2)];
}

const hex = (rgb: Rgb): string => `#${rgb.map((one) => one.toString(16).padStart(2, '0')).join('')}`;

// As the guidelines for contrast define it; above 0.179 black is easier to read than white.
function luminance(rgb: Rgb): number {
  const linear = (one: number) => (one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2]);
}

// What a cell looks like whose request took so many ms longer than the statistic.
export function heatColors(value: number, palette: Palette = 'classic'): { back: string; text: string } {
  const rgb = rgbOf(value, palette);
  if (palette === 'safe') return { back: hex(rgb), text: luminance(rgb) > 0.179 ? '#000000' : '#ffffff' };
  const brightness = 0.21 * rgb[0] + 0.72 * rgb[1] + 0.07 * rgb[2];
  return { back: hex(rgb), text: brightness > 128 ? '#151515' : '#f2f2f2' };
}

export const kMissingColors = { back: '#e0e0e0', text: '#151515' } as const;

// The difference as cells say it: one decimal, a sign, no unit.
export function heatText(value: number): string {
  const rounded = Math.round(value * 10) / 10;
  return rounded > 0 ? `+${rounded}` : String(rounded === 0 ? 0 : rounded);
}

// What colours go by: the difference, or its share of the statistic (as slow again is the end of the scale).
export function heatValue(cell: { value?: number; stat?: number }, scale: Scale): number {
  const value = cell.value ?? 0;
  if (scale === 'absolute') return value;
  return cell.stat !== undefined && cell.stat > 0 ? (kMost * value) / cell.stat : 0;
}

// The part of a matrix that small pictures show: the two longer intervals, the first three statistics.
export const compactOf = <T>(intervals: readonly string[], stats: readonly string[], cells: ReadonlyArray<readonly T[]>) => ({
  intervals: intervals.slice(-2), stats: stats.slice(0, 3), cells: cells.slice(-2).map((row) => row.slice(0, 3)),
});
