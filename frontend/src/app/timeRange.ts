import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { useSettings } from './settings';
import { useChangeSearch } from './urlState';
import { kDefaultRange, kDefaultRefresh, kRefreshes, readRange, writeRange, type TimeRange } from '@/lib/range';

type Chosen = TimeRange | ((now: TimeRange) => TimeRange);
type Choose = (chosen: Chosen) => void;

// The range of time in the address; choosing another one replaces the entry of the history, looking closer at a part of it
// (the last of the three) makes a new one.
export function useTimeRange(): [TimeRange, Choose, Choose] {
  const [search] = useSearchParams();
  const text = [search.get('rangeDuration'), search.get('from'), search.get('to')].join(' ');
  // oxlint-disable-next-line react/exhaustive-deps
  const range = useMemo(() => readRange(search) ?? kDefaultRange, [text]);
  const changeSearch = useChangeSearch();
  const set = useCallback(
    (chosen: Chosen, replace: boolean) =>
      changeSearch((next) => writeRange(next, typeof chosen === 'function' ? chosen(readRange(next) ?? kDefaultRange) : chosen), replace),
    [changeSearch],
  );
  const choose = useCallback((chosen: Chosen) => set(chosen, true), [set]);
  const zoom = useCallback((chosen: Chosen) => set(chosen, false), [set]);
  return [range, choose, zoom];
}

// How often pages ask again, ms; 0: never. The address wins over what was chosen last.
export function useRefresh(): number {
  const [search] = useSearchParams();
  const { settings } = useSettings();
  const given = Number(search.get('refresh') ?? settings.refresh ?? kDefaultRefresh);
  return kRefreshes.find((one) => one === given) ?? kDefaultRefresh;
}
