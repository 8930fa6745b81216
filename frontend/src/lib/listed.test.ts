import { expect, test } from 'vitest';
import { namesIn, withName } from './listed';

test('names in the address are put there and taken out, each once and in one order', () => {
  expect(namesIn('')).toEqual([]);
  expect(namesIn(',b,,a')).toEqual(['b', 'a']);
  expect(withName('', 'b')).toBe('b');
  expect(withName('b', 'a')).toBe('a,b');
  expect(withName('a,b', 'a')).toBe('b');
  expect(withName('a', 'a')).toBe('');
  expect(withName('a', 'a', true)).toBe('a');
  expect(withName('b', 'a', false)).toBe('b');
  expect(withName('c,a', 'b', true)).toBe('a,b,c');
});
