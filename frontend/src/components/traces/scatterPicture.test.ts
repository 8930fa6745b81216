import { expect, test } from 'vitest';
import type { Summary } from '@/lib/traceSummary';
import { bubbleAt, flippedSeries, momentAt, pictureOf, shownSeries, stepOf } from './scatterPicture';

const one = (traceId: string, startTime: number, more: Partial<Summary>): Summary => ({
  traceId, startTime, name: null, service: null, duration: 42_000, spanAverage: 20_000, spans: 8, errors: 0, hidden: 0, services: 5, ...more,
});
const traces = [one('a', 60e6, {}), one('d', 300e6, { errors: 2, duration: 38_000 }), one('f', 540e6, { spans: 120 })];
const window = { startMicros: 0, endMicros: 600e6 };
const drawn = (more: object = {}) => pictureOf({ traces, shown: { good: true, bad: true }, axis: 'full', chosen: '', window, width: 694, height: 256, ...more });
const places = (more: object = {}) => Object.fromEntries(drawn(more).bubbles.map((bubble) => [bubble.trace.traceId, [Math.round(bubble.x), Math.round(bubble.y)]]));

test('every trace is one bubble; the axis of time is the range that was asked for, that of values begins at zero', () => {
  const { area, times, values } = drawn();
  expect(area).toEqual({ left: 70, right: 670, top: 24, bottom: 224 });
  expect(places()).toEqual({ a: [130, 84], d: [370, 97], f: [610, 84] });
  expect(times.map((tick) => [tick.value, Math.round(tick.at)])).toEqual([[0, 70], [300_000, 370], [600_000, 670]]);
  expect(values.map((tick) => [tick.value, Math.round(tick.at)])).toEqual([[0, 224], [20_000, 157], [40_000, 91], [60_000, 24]]);
  expect(drawn({ window: { startMicros: 7e6, endMicros: 607e6 } }).times.map((tick) => tick.value)).toEqual([300_000, 600_000]);
});

test('the radius grows with the spans; a hidden series draws nothing; the chosen one stands before all, small ones before large ones', () => {
  const look = (more: object) => drawn(more).bubbles.map((bubble) => [bubble.trace.traceId, bubble.radius, bubble.chosen]);
  expect(look({})).toEqual([['f', 30, false], ['a', 10, false], ['d', 10, false]]);
  expect(look({ shown: { good: true, bad: false }, chosen: 'f' })).toEqual([['a', 10, false], ['f', 30, true]]);
  expect(look({ shown: { good: false, bad: false } })).toEqual([]);
});

test('the other value axis is the mean of the spans', () => {
  expect(places({ axis: 'spans' })['a']?.[1]).toBe(24);
});

test('what is seen at a place is what is under the pointer there; a place is a moment', () => {
  const same = [one('big', 300e6, { spans: 120 }), one('small', 300e6, { spans: 1 })];
  const picture = drawn({ traces: same });
  const place = picture.bubbles[0] ?? { x: 0, y: 0 };
  expect(bubbleAt(picture, place.x, place.y)?.trace.traceId).toBe('small');
  expect(bubbleAt(picture, place.x + 20, place.y)?.trace.traceId).toBe('big');
  expect(bubbleAt(picture, place.x + 31, place.y)).toBeUndefined();
  expect(momentAt(picture, window, 370)).toBe(300_000);
});

test.each([[42_000, 4, 20_000], [38, 4, 10], [2_400_000, 5, 500_000], [1, 5, 0.2], [1000, 1, 1000]])('steps up to %d in %d', (end, count, step) => {
  expect(stepOf(end, count)).toBeCloseTo(step);
});

test('the legend hides and shows one series at a time, whatever the other one is', () => {
  expect(shownSeries('')).toEqual({ good: true, bad: true });
  expect(shownSeries('all')).toEqual({ good: false, bad: false });
  expect(flippedSeries('', 'good')).toBe('good');
  expect(flippedSeries('good', 'bad')).toBe('all');
  expect(flippedSeries('all', 'good')).toBe('bad');
  expect(flippedSeries('bad', 'bad')).toBeNull();
});
