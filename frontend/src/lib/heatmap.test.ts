import { expect, test } from 'vitest';
import { compactOf, heatColors, heatText, heatValue } from './heatmap';

const kDark = '#151515';
const kLight = '#f2f2f2';

test.each([
  [-17.5, '#3e8635', kLight], [-8.9, '#509729', kDark], [-7.5, '#68ad1a', kDark], [-4, '#a2da25', kDark], [-2.5, '#bbe45e', kDark],
  [-0.3, '#dff3b0', kDark], [0, '#e4f5bc', kDark], [0.4, '#e4efac', kDark], [1.2, '#e6e38e', kDark], [2.5, '#ead05e', kDark],
  [3.6, '#ecbf34', kDark], [5, '#f0ab00', kDark], [7.5, '#dc6205', kLight], [8.9, '#d13908', kLight], [12, '#c9190b', kLight],
])('%d ms', (value, back, text) => {
  expect(heatColors(value)).toEqual({ back, text });
});

test('texts', () => {
  expect([0.4, 1.2, -4, -17.5, 0, 0.04, -0.04, 3.25].map(heatText)).toEqual(['+0.4', '+1.2', '-4', '-17.5', '0', '0', '0', '+3.3']);
});

test('a request that takes twice as long is at the end of the relative scale', () => {
  expect(heatValue({ value: 500, stat: 500 }, 'relative')).toBe(10);
  expect(heatValue({ value: -0.5, stat: 1 }, 'relative')).toBe(-5);
  expect(heatValue({ value: -0.5, stat: 1 }, 'absolute')).toBe(-0.5);
});

function luminance(color: string): number {
  const parts = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255).map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
  return 0.2126 * (parts[0] ?? 0) + 0.7152 * (parts[1] ?? 0) + 0.0722 * (parts[2] ?? 0);
}

test('the other palette goes from blue to orange, and its texts can be read', () => {
  expect(heatColors(-10, 'safe').back).toBe('#053e78');
  expect(heatColors(0, 'safe').back).toBe('#f2f2f2');
  for (let value = -12; value <= 12; value += 0.5) {
    const { back, text } = heatColors(value, 'safe');
    const [low, high] = [luminance(back), luminance(text)].sort((a, b) => a - b);
    expect(((high ?? 0) + 0.05) / ((low ?? 0) + 0.05), String(value)).toBeGreaterThan(4.5);
  }
});

test('small pictures show the two longer intervals and the first three statistics', () => {
  const cells = [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]];
  expect(compactOf(['10m', '60m', '3h'], ['avg', '0.5', '0.9', '0.99'], cells)).toEqual({ intervals: ['60m', '3h'], stats: ['avg', '0.5', '0.9'], cells: [[5, 6, 7], [9, 10, 11]] });
});
