import { useEffect, useState } from 'react';
import type { UseQueryResult } from '@tanstack/react-query';
import { EventReader, pauseAfter } from '@/lib/eventStream';
import { joined, type Entry } from '@/lib/logs';
import { rangeKey, type TimeRange } from '@/lib/range';
import { apiUrl, ApiError, getJson, send, type Parameters } from './client';
import { useLive } from './live';
import type { LogSource, LogTimeline } from './schema.gen';

export type LogQuestion = { tail: number; contains: string; matches: string; requestId: string; severity: string; spans: boolean; previous: boolean };

const pathOf = (namespace: string, workload: string): string =>
  `api/namespaces/${encodeURIComponent(namespace)}/workloads/${encodeURIComponent(workload)}/logs`;

const asked = (question: LogQuestion, range: TimeRange): Parameters => ({
  ...question,
  since: range.kind === 'last' ? `${range.seconds}s` : String(Math.round(range.from * 1000)),
});

export function useLogs(namespace: string, workload: string, range: TimeRange, question: LogQuestion, enabled: boolean): UseQueryResult<LogTimeline> {
  return useLive(
    ['logs', namespace, workload, rangeKey(range), question],
    (signal) => getJson<LogTimeline>(pathOf(namespace, workload), asked(question, range), signal),
    { enabled },
  );
}

export type Followed = {
  entries: readonly Entry[];
  sources: readonly LogSource[];
  lagged: number; // lines that the server left out because this reader was too slow
  state: 'connecting' | 'open' | 'waiting';
  error: Error | undefined; // why it waits to connect again
};

const kNone: Followed = { entries: [], sources: [], lagged: 0, state: 'connecting', error: undefined };

type Gathered = { entries: Entry[]; sources: LogSource[]; lagged: number };

function gather(into: Gathered, event: string, data: string): void {
  if (event === 'entry') into.entries.push(JSON.parse(data) as Entry);
  if (event === 'source') into.sources.push(JSON.parse(data) as LogSource);
  if (event === 'lagged') into.lagged += (JSON.parse(data) as { dropped: number }).dropped;
}

function withSources(before: readonly LogSource[], come: readonly LogSource[]): readonly LogSource[] {
  if (come.length === 0) return before;
  const name = (one: LogSource) => `${one.pod} ${one.container}`;
  const all = new Map(before.concat(come).map((one) => [name(one), one]));
  return [...all.values()].sort((a, b) => (name(a) < name(b) ? -1 : 1));
}

type Place = { id: string | undefined };

// One connection, until it ends. `place` is where the next one goes on, also when this one breaks.
async function read(url: string, place: Place, signal: AbortSignal, opened: () => void, come: (gathered: Gathered) => void): Promise<void> {
  const headers: Record<string, string> = { Accept: 'text/event-stream', ...(place.id === undefined ? {} : { 'Last-Event-ID': place.id }) };
  const response = await send(url, { signal, headers, cache: 'no-store' });
  opened();
  const reader = response.body?.getReader();
  const events = new EventReader();
  const decoder = new TextDecoder();
  for (;;) {
    const piece = await reader?.read();
    if (!piece || piece.done) return;
    const gathered: Gathered = { entries: [], sources: [], lagged: 0 };
    for (const one of events.take(decoder.decode(piece.value, { stream: true }))) {
      gather(gathered, one.event, one.data);
      place.id = one.id ?? place.id;
    }
    come(gathered);
  }
}

// Waits without keeping anyone from leaving.
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

// What is refused now will be refused again.
const isFinal = (error: unknown): boolean => error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429;

// Lines as they are written. A connection that breaks is made again behind the last entry that came.
export function useFollowedLogs(namespace: string, workload: string, range: TimeRange, question: LogQuestion, enabled: boolean): Followed {
  const [followed, setFollowed] = useState(kNone);
  const url = apiUrl(pathOf(namespace, workload), { ...asked(question, range), follow: true });
  const most = question.tail;
  useEffect(() => {
    if (!enabled) return undefined;
    const leaving = new AbortController();
    const { signal } = leaving;
    setFollowed(kNone);
    const run = async () => {
      const place: Place = { id: undefined };
      let failures = 0;
      while (!signal.aborted) {
        let failed: Error | undefined;
        try {
          await read(
            url,
            place,
            signal,
            () => {
              failures = 0;
              setFollowed((before) => ({ ...before, state: 'open', error: undefined }));
            },
            (come) =>
              setFollowed((before) => ({
                ...before,
                entries: come.entries.length === 0 ? before.entries : joined(before.entries, come.entries, most),
                sources: withSources(before.sources, come.sources),
                lagged: before.lagged + come.lagged,
              })),
          );
        } catch (error) {
          failed = error instanceof Error ? error : new Error(String(error));
        }
        if (signal.aborted) return;
        failures += 1;
        setFollowed((before) => ({ ...before, state: 'waiting', error: failed }));
        if (isFinal(failed)) return;
        await pause(pauseAfter(failures), signal);
      }
    };
    void run();
    return () => leaving.abort();
  }, [url, most, enabled]);
  return followed;
}
