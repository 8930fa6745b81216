import type { UseQueryResult } from '@tanstack/react-query';
import { isSpan } from '@/lib/logs';
import { together, type LinesOf } from '@/lib/traceLines';
import { getJson } from './client';
import { useOnce } from './live';
import type { LogEntry, LogTimeline } from './schema.gen';

const kTail = 500; // lines of a workload

export type Lines = { entries: LogEntry[]; failed: Array<{ name: string; cause: string }> };

// The lines of a request, of one workload after the other. A workload whose lines cannot be had is named and leaves the others.
export const useTraceLines = (of: LinesOf): UseQueryResult<Lines> =>
  useOnce(['traceLines', of], async (signal) => {
    const lists: LogEntry[][] = [];
    const failed: Array<Lines['failed'][number] & { error: unknown }> = [];
    for (const { namespace, workload } of of.owners) {
      const path = `api/namespaces/${encodeURIComponent(namespace)}/workloads/${encodeURIComponent(workload)}/logs`;
      try {
        const { entries } = await getJson<LogTimeline>(path, { requestId: of.requestId, since: String(Math.round(of.since)), tail: kTail, spans: false }, signal);
        lists.push(entries.filter((entry): entry is LogEntry => !isSpan(entry)));
      } catch (error) {
        if (signal.aborted) throw error;
        failed.push({ name: workload, cause: error instanceof Error ? error.message : String(error), error });
      }
    }
    const [first] = failed;
    if (first && lists.length === 0) throw first.error;
    return { entries: together(lists, of.until), failed: failed.map(({ name, cause }) => ({ name, cause })) };
  });
