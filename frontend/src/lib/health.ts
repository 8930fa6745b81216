import type { HealthWord } from '@/api/schema.gen';

// From bad to good.
export const kHealth = ['Failure', 'Degraded', 'Not Ready', 'Healthy', 'NA'] as const satisfies readonly HealthWord[];

export const badness = (word: HealthWord): number => kHealth.indexOf(word);

// How many there are of each, in that order, without those that there are none of.
export function tallyOf(words: readonly HealthWord[]): Array<readonly [HealthWord, number]> {
  return kHealth.map((word) => [word, words.filter((one) => one === word).length] as const).filter(([, count]) => count > 0);
}

// Orders what is in trouble before what is not: by how many fail, then by how many are degraded.
export function byTrouble(a: readonly HealthWord[], b: readonly HealthWord[]): number {
  const count = (words: readonly HealthWord[], word: HealthWord) => words.filter((one) => one === word).length;
  return count(b, 'Failure') - count(a, 'Failure') || count(b, 'Degraded') - count(a, 'Degraded');
}
