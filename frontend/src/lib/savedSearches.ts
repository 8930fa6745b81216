import { kShared } from './urls';

export type SavedSearch = { name: string; query: string };

const kKey = 'meshscope.searches';
const kMost = 30;
const kLeftOut: readonly string[] = [...kShared.filter((name) => name !== 'rangeDuration' && name !== 'namespaces'), 'traceId', 'spanId', 'traceTab', 'compare', 'why', 'steps', 'tables', 'parts'];

// Of an address, what a search is: not the moment, nor what is chosen in it.
export function queryOf(search: URLSearchParams): string {
  const kept = new URLSearchParams(search);
  for (const name of kLeftOut) kept.delete(name);
  kept.sort();
  return kept.toString();
}

const isSaved = (one: unknown): one is SavedSearch =>
  typeof one === 'object' && one !== null && typeof (one as SavedSearch).name === 'string' && typeof (one as SavedSearch).query === 'string';

export function readSaved(storage: Pick<Storage, 'getItem'>): SavedSearch[] {
  try {
    const kept: unknown = JSON.parse(storage.getItem(kKey) ?? '[]');
    return Array.isArray(kept) ? kept.filter(isSaved).slice(0, kMost) : [];
  } catch {
    return [];
  }
}

// The newest first; the same search once.
export const withSaved = (all: readonly SavedSearch[], one: SavedSearch): SavedSearch[] => [one, ...all.filter((other) => other.query !== one.query)].slice(0, kMost);

export function writeSaved(storage: Pick<Storage, 'setItem'>, all: readonly SavedSearch[]): void {
  try {
    storage.setItem(kKey, JSON.stringify(all));
  } catch {
    // A browser that keeps nothing still searches.
  }
}
