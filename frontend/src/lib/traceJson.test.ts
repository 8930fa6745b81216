import { expect, test } from 'vitest';
import { span, trace } from './fixtures';
import { written } from './traceJson';

const of = (count: number) => trace(Array.from({ length: count }, (_, at) => span({ spanID: at.toString(16).padStart(16, '0') })));

test('a small trace is written down whole and can be read again', () => {
  const { text, shown, lines } = written(of(3));
  expect(text).toBe(shown);
  expect(lines).toBeUndefined();
  expect(JSON.parse(shown).spans).toHaveLength(3);
});

test('of a long one the first lines are shown, and all of it is there to copy', () => {
  const { text, shown, lines } = written(of(500));
  expect(shown.split('\n')).toHaveLength(2000);
  expect(lines).toEqual({ shown: 2000, count: text?.split('\n').length });
  expect(JSON.parse(text ?? '').spans).toHaveLength(500);
});

test('a very large one is not written down', () => {
  const { text, shown, lines } = written(of(5001));
  expect([text, lines]).toEqual([undefined, undefined]);
  expect(shown.split('\n').length).toBeLessThanOrEqual(2000);
});
