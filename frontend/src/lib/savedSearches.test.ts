import { expect, test } from 'vitest';
import { queryOf, readSaved, withSaved, writeSaved } from './savedSearches';

test('a search is kept without the moment and without what was chosen', () => {
  expect(queryOf(new URLSearchParams('service=a&errs=true&from=1&to=2&traceId=x&tables=heat&parts=tags&refresh=0&namespaces=n'))).toBe('errs=true&namespaces=n&service=a');
  expect(queryOf(new URLSearchParams('rangeDuration=600&service=a'))).toBe('rangeDuration=600&service=a');
});

test('the newest comes first, the same search once; what is broken is none', () => {
  let kept: string | null = null;
  const storage = { getItem: () => kept, setItem: (_: string, value: string) => void (kept = value) };
  expect(readSaved(storage)).toEqual([]);
  writeSaved(storage, withSaved(withSaved([], { name: 'one', query: 'a=1' }), { name: 'two', query: 'b=2' }));
  expect(readSaved(storage).map((one) => one.name)).toEqual(['two', 'one']);
  expect(withSaved(readSaved(storage), { name: 'again', query: 'a=1' }).map((one) => one.name)).toEqual(['again', 'two']);
  kept = '[{"name":1},"x",{"name":"n","query":"q"}]';
  expect(readSaved(storage)).toEqual([{ name: 'n', query: 'q' }]);
  kept = '{';
  expect(readSaved(storage)).toEqual([]);
});
