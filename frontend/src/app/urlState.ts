import { useCallback } from 'react';
import { useNavigate, useSearchParams } from 'react-router';

export type Change = Record<string, string | null | undefined>;

// Changes the address from what it is now. What was drawn last may be a change behind (pages are drawn as transitions), and a second
// change that began there would undo the first.
export function useChangeSearch(): (change: (search: URLSearchParams) => void, replace: boolean) => void {
  const navigate = useNavigate();
  return useCallback(
    (change, replace) => {
      const search = new URLSearchParams(window.location.search);
      change(search);
      void navigate(`?${search}`, { replace });
    },
    [navigate],
  );
}

// The state of a view, kept in the address. A selection is pushed, so that Back returns to the one before; a filter replaces.
export function useUrlState(): {
  search: URLSearchParams;
  text: (name: string, fallback?: string) => string;
  number: (name: string, fallback: number) => number;
  flag: (name: string) => boolean;
  push: (change: Change) => void;
  replace: (change: Change) => void;
} {
  const [search] = useSearchParams();
  const changeSearch = useChangeSearch();
  const set = useCallback(
    (change: Change, replace: boolean) =>
      changeSearch((next) => {
        for (const [name, value] of Object.entries(change)) {
          if (value === null || value === undefined || value === '') next.delete(name);
          else next.set(name, value);
        }
      }, replace),
    [changeSearch],
  );
  return {
    search,
    text: (name, fallback = '') => search.get(name) ?? fallback,
    number: (name, fallback) => {
      const value = Number(search.get(name) ?? Number.NaN);
      return Number.isFinite(value) ? value : fallback;
    },
    flag: (name) => search.get(name) === 'true',
    push: useCallback((change: Change) => set(change, false), [set]),
    replace: useCallback((change: Change) => set(change, true), [set]),
  };
}

const namesIn = (text: string | null): string[] => (text ?? '').split(',').filter((name) => name !== '');

// What the address lists under this name: is it there, and put it there or take it out.
export function useListed(parameter: string): [(name: string) => boolean, (name: string, on: boolean) => void] {
  const [search] = useSearchParams();
  const changeSearch = useChangeSearch();
  const listed = search.get(parameter);
  const has = useCallback((name: string) => namesIn(listed).includes(name), [listed]);
  const put = useCallback(
    (name: string, on: boolean) =>
      changeSearch((next) => {
        const others = namesIn(next.get(parameter)).filter((one) => one !== name);
        const names = on ? [...others, name] : others;
        if (names.length === 0) next.delete(parameter);
        else next.set(parameter, names.join(','));
      }, true),
    [changeSearch, parameter],
  );
  return [has, put];
}

// The namespaces that lists are narrowed to; none: all.
export function useChosenNamespaces(): [string[], (names: readonly string[]) => void] {
  const { search, replace } = useUrlState();
  const names = namesIn(search.get('namespaces'));
  return [names, (chosen) => replace({ namespaces: chosen.join(',') })];
}
