import { expect, test } from 'vitest';
import { facts } from './fixtures';
import { flippedFold, foldedIds, foldedText, isFolded, kAllFolded, kUnfolded, readFolded } from './folding';

const spans = [
  facts('a', null, 0, 100, { descendants: 4, children: 2 }),
  facts('b', 'a', 10, 40, { descendants: 2, children: 1, depth: 1 }),
  facts('c', 'b', 20, 10, { descendants: 1, children: 1, depth: 2 }),
  facts('d', 'c', 20, 5, { depth: 3 }),
  facts('e', 'a', 60, 10, { depth: 1 }),
];
const folded = (text: string) => spans.filter((span) => isFolded(readFolded(text), span)).map((span) => span.spanID);

test('what is folded: nothing, some, all below the roots, all but some', () => {
  expect(folded('')).toEqual([]);
  expect(folded('b')).toEqual(['b']);
  expect(folded('all')).toEqual(['b', 'c']);
  expect(folded('all,b')).toEqual(['c']);
  expect(folded('all,a')).toEqual(['a', 'b', 'c']);
  expect(folded('d,e,b<,zz')).toEqual([]);
});

test('a span is folded and unfolded, and the address says so', () => {
  const once = flippedFold(kUnfolded, 'b');
  expect(foldedText(once)).toBe('b');
  expect(foldedText(flippedFold(once, 'b'))).toBe('');
  expect(foldedText(flippedFold(kAllFolded, 'c'))).toBe('all,c');
  for (const text of ['', 'b,c', 'all', 'all,c']) expect(foldedText(readFolded(text))).toBe(text);
});

test('only the outermost are named, and an address has a bound', () => {
  expect(foldedIds(kAllFolded, spans)).toEqual(['b']);
  expect(foldedIds(readFolded('all,b'), spans)).toEqual(['c']);
  expect(foldedIds(kUnfolded, spans)).toEqual([]);
  const many = { all: false, but: new Set(Array.from({ length: 1000 }, (_, at) => at.toString(16))) };
  expect(readFolded(foldedText(many)).but.size).toBe(200);
});
