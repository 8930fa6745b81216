import { expect, test } from 'vitest';
import { badness, byTrouble, tallyOf } from './health';

test('words are counted from bad to good', () => {
  expect(tallyOf(['Healthy', 'NA', 'Failure', 'Healthy'])).toEqual([['Failure', 1], ['Healthy', 2], ['NA', 1]]);
  expect(tallyOf([])).toEqual([]);
  expect(badness('Failure')).toBeLessThan(badness('Healthy'));
});

test('trouble comes first', () => {
  const all = { good: ['Healthy', 'Healthy'], weak: ['Degraded', 'Degraded'], bad: ['Failure', 'Healthy'], none: [] } as const;
  const names = Object.keys(all) as Array<keyof typeof all>;
  expect(names.sort((a, b) => byTrouble(all[a], all[b]) || a.localeCompare(b))).toEqual(['bad', 'weak', 'good', 'none']);
});
