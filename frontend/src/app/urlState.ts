import { useCallback } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { namesIn, withName } from '@/lib/listed';

export type Change = Record<string, string | readonly string[] | null | undefined>; // several: the name once for each

// What an address says.
const readerOf = (search: URLSearchParams) => ({
  search,
  text: (name: string, fallback = ''): string => search.get(name) ?? fallback,
  all: (name: string): string[] => search.getAll(name),
  number: (name: string, fallback: number): number => {
    const value = Number(search.get(name) ?? Number.NaN);
    return Number.isFinite(value) ? value : fallback;
  },
  flag: (name: string): boolean => search.get(name) === 'true',
  flipped: (name: string, value: string): string | null => (search.get(name) === value ? null : value), // chosen, or no longer
});

export type Address = ReturnType<typeof readerOf>;
type Changing = (change: Change | ((now: Address) => Change)) => void;

// Changes the address from what it is now. What was drawn last may be a change behind (pages are drawn as transitions), and a second
// change that began there would undo the first. What changes nothing is no step of the history.
export function useChangeSearch(): (change: (search: URLSearchParams) => void, replace: boolean) => void {
  const navigate = useNavigate();
  return useCallback(
    (change, replace) => {
      const search = new URLSearchParams(window.location.search);
      const before = search.toString();
      change(search);
      if (search.toString() !== before) void navigate(`?${search}`, { replace });
    },
    [navigate],
  );
}

// The state of a view, kept in the address. A selection is pushed, so that Back returns to the one before; a filter replaces. What follows
// from what was there before (one more of a list, the other way round, the next) is a function of the address as it is now.
export function useUrlState(): Address & { push: Changing; replace: Changing } {
  const [search] = useSearchParams();
  const changeSearch = useChangeSearch();
  const set = useCallback(
    (change: Parameters<Changing>[0], replace: boolean) =>
      changeSearch((next) => {
        for (const [name, value] of Object.entries(typeof change === 'function' ? change(readerOf(next)) : change)) {
          const [first = '', ...more] = typeof value === 'string' ? [value] : (value ?? []);
          if (first === '') next.delete(name);
          else next.set(name, first);
          for (const one of more) next.append(name, one);
        }
      }, replace),
    [changeSearch],
  );
  return {
    ...readerOf(search),
    push: useCallback((change) => set(change, false), [set]),
    replace: useCallback((change) => set(change, true), [set]),
  };
}

// What the address lists under this name: is it there, and put it there or take it out (without saying which: the other way round).
export function useListed(parameter: string): [(name: string) => boolean, (name: string, on?: boolean) => void] {
  const { text, replace } = useUrlState();
  const listed = text(parameter);
  const has = useCallback((name: string) => namesIn(listed).includes(name), [listed]);
  const put = useCallback(
    (name: string, on?: boolean) => replace((now) => ({ [parameter]: withName(now.text(parameter), name, on) })),
    [parameter, replace],
  );
  return [has, put];
}

// The namespaces that lists are narrowed to; none: all.
export function useChosenNamespaces(): [string[], (change: (now: readonly string[]) => readonly string[]) => void] {
  const { text, replace } = useUrlState();
  return [namesIn(text('namespaces')), (change) => replace((now) => ({ namespaces: change(namesIn(now.text('namespaces'))).join(',') }))];
}

// As the address has them, before they are drawn.
export const chosenNow = (): string[] => namesIn(new URLSearchParams(window.location.search).get('namespaces') ?? '');
