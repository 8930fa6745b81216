import { expect, test } from 'vitest';
import { formatTags, parseTags } from './tags';

test.each([
  ['', {}],
  ['error=true', { error: 'true' }],
  ['http.method=GET  http.status_code=503', { 'http.method': 'GET', 'http.status_code': '503' }],
  ['db.statement="select \\"x\\" from y" a=', { 'db.statement': 'select "x" from y', a: '' }],
  ['nothing', undefined],
  ['a="open', undefined],
  ['a="b"c', undefined],
])('%s', (text, tags) => {
  expect(parseTags(text)).toEqual(tags);
});

test('what is written is read again', () => {
  const tags = { a: 'b', c: 'two words', d: 'a "quote"' };
  expect(parseTags(formatTags(tags))).toEqual(tags);
});
