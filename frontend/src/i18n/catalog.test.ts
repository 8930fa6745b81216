import { expect, test } from 'vitest';
import { english, german, pseudo, translate, type MessageKey } from './catalog';

const holes = (text: string) => [...text.matchAll(/\{\w+\}/g)].map((found) => found[0]).sort();

test('both languages say the same things', () => {
  expect(Object.keys(german).sort()).toEqual(Object.keys(english).sort());
  for (const key of Object.keys(english) as MessageKey[]) {
    expect(holes(german[key]), key).toEqual(holes(english[key]));
    expect(german[key].trim(), key).not.toBe('');
  }
});

test('values are put in, also into the pseudo-locale', () => {
  expect(translate('en', 'trace.spanCount', { count: 8 })).toBe('8 Spans');
  expect(translate('en-XA', 'trace.spanCount', { count: 8 })).toBe('[8 Sþáñš·····]');
  expect(pseudo('Log In')).not.toMatch(/[a-z]/);
});

// What other documents and people quote.
test('texts that stay as they are', () => {
  expect(english['traces.failed']).toBe('Could not fetch traces');
  expect(english['traces.oneFailed']).toBe('Could not fetch trace');
  expect(english['nav.external']).toBe('Distributed Tracing');
  expect(english['status.Unreachable']).toBe('Unreachable');
});
