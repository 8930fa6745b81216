import type { Locator } from 'playwright-core';

export type Rgb = readonly [number, number, number];
export type Place = { x: number; y: number };

// Where on a canvas a dot of this colour is, in the middle of it: the one furthest up, and of those the one furthest left.
export function dotOn(holder: Locator, rgb: Rgb, near = 60): Promise<Place | null> {
  return holder.locator('canvas').first().evaluate(
    (canvas, { wanted, most }) => {
      const area = canvas as HTMLCanvasElement;
      const { data, width, height } = area.getContext('2d')?.getImageData(0, 0, area.width, area.height) ?? { data: [], width: 0, height: 0 };
      const is = (x: number, y: number) => wanted.every((part, at) => Math.abs((data[4 * (y * width + x) + at] ?? 0) - part) < most) && (data[4 * (y * width + x) + 3] ?? 0) > 150;
      for (let y = 4; y < height - 4; y += 1) {
        for (let x = 4; x < width - 4; x += 1) {
          if (is(x, y) && is(x - 3, y) && is(x + 3, y) && is(x, y - 3) && is(x, y + 3)) return { x: (x * area.clientWidth) / width, y: (y * area.clientHeight) / height };
        }
      }
      return null;
    },
    { wanted: rgb, most: near },
  );
}

// A colour as the browser says it of an element.
export const rgb = (hex: string): string => `rgb(${[1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join(', ')})`;
