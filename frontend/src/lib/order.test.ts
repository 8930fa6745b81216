import { expect, test } from 'vitest';
import { nextOrder, readOrder } from './order';

const columns = ['name', 'start'] as const;
const read = (text: string) => readOrder(text, columns, 'start:desc');

test('the order of a table out of the address', () => {
  expect(read('')).toEqual({ by: 'start', ascending: false });
  expect(read('name:asc')).toEqual({ by: 'name', ascending: true });
  expect(read('name:desc')).toEqual({ by: 'name', ascending: false });
  expect(read('size:asc').by).toBe('start');
});

test('a click on the head of a column turns its order round, or begins with the first direction', () => {
  const click = (text: string, column: 'name' | 'start') => nextOrder(read(text), column, 'start:desc');
  expect(click('', 'name')).toBe('name:asc');
  expect(click('name:asc', 'name')).toBe('name:desc');
  expect(click('name:desc', 'name')).toBe('name:asc');
  expect(click('', 'start')).toBe('start:asc');
  expect(click('start:asc', 'start')).toBeNull();
  expect(nextOrder(read(''), 'name', 'start:desc', 'desc')).toBe('name:desc');
});
