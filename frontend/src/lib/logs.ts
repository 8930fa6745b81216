import type { LogEntry, SpanEntry } from '@/api/schema.gen';

export type Entry = LogEntry | SpanEntry;

export const isSpan = (entry: Entry): entry is SpanEntry => entry.kind === 'span';

// The same entry has the same key in every answer, so that rows stay in place when they are asked for again.
export const entryKey = (entry: Entry): string =>
  isSpan(entry) ? `s ${entry.spanID} ${entry.time}` : `l ${entry.time} ${entry.pod} ${entry.container} ${entry.message}`;

// What a line is called in the address: when it was written, and by whom.
export const lineName = (entry: LogEntry): string => `${entry.time} ${entry.pod} ${entry.container}`;

// What is looked for in lines: a text in which case counts, or a regular expression. "" finds everything.
export type Search = { text: string; regex: boolean };

// undefined: the expression cannot be read. A leading (?i) is understood, as the server does.
export function compiled(search: Search): RegExp | undefined {
  try {
    if (!search.regex) return new RegExp(search.text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'g');
    const loose = search.text.startsWith('(?i)');
    return new RegExp(loose ? search.text.slice(4) : search.text, loose ? 'gi' : 'g');
  } catch {
    return undefined;
  }
}

// The pieces of a line, found and not found in turn, beginning with one that is not found (which may be empty).
export function pieces(message: string, search: RegExp | undefined): string[] {
  if (!search) return [message];
  const found: string[] = [];
  let at = 0;
  for (const hit of message.matchAll(search)) {
    if (hit[0] === '') continue;
    found.push(message.slice(at, hit.index), hit[0]);
    at = hit.index + hit[0].length;
  }
  return found.concat(message.slice(at));
}

export type Shown = {
  hidden: ReadonlySet<string>; // names of containers
  pod: string; // "": every pod
  without: Search; // lines in which this is found are left out
  until: number; // µs, 0: no bound
};

// Filters are about lines; spans stay.
export function shownEntries(entries: readonly Entry[], shown: Shown): Entry[] {
  const without = shown.without.text === '' ? undefined : compiled(shown.without);
  return entries.filter((entry) => {
    if (shown.until > 0 && entry.time > shown.until) return false;
    if (isSpan(entry)) return true;
    if (shown.hidden.has(entry.container)) return false;
    if (shown.pod !== '' && entry.pod !== shown.pod) return false;
    return without === undefined || entry.message.search(without) < 0;
  });
}

// What an entry is known by: the trace that it belongs to, else its request.
export function markOf(entry: Entry): string {
  if (isSpan(entry)) return entry.traceID;
  return entry.span?.traceID ?? entry.access?.traceId ?? entry.access?.requestId ?? '';
}

// Is an entry of one request with the others that carry this mark? A line without a trace id belongs to a trace by its request id.
export function relation(entries: readonly Entry[], mark: string): (entry: Entry) => boolean {
  if (mark === '') return () => false;
  const requests = new Set<string>();
  for (const entry of entries) {
    if (!isSpan(entry) && entry.access?.requestId && markOf(entry) === mark) requests.add(entry.access.requestId);
  }
  return (entry) => markOf(entry) === mark || (!isSpan(entry) && requests.has(entry.access?.requestId ?? ''));
}

// Entries that came one by one, joined to those that are there: in order, at most `most`, the oldest go first. A span may come
// again after a connection was made anew.
export function joined(entries: readonly Entry[], come: readonly Entry[], most: number): Entry[] {
  const there = come.some(isSpan) ? new Set(entries.filter(isSpan).map(entryKey)) : undefined;
  const fresh = there ? come.filter((entry) => !isSpan(entry) || !there.has(entryKey(entry))) : come;
  return inOrder(entries, fresh, most);
}

function inOrder(entries: readonly Entry[], come: readonly Entry[], most: number): Entry[] {
  const all = entries.concat(come);
  const last = entries.at(-1)?.time ?? 0;
  if (come.some((entry, at) => entry.time < (at === 0 ? last : (come[at - 1]?.time ?? 0)))) all.sort((a, b) => a.time - b.time);
  return all.length > most ? all.slice(all.length - most) : all;
}

// As a file: what is shown, a line each.
export function asText(entries: readonly Entry[], span: (entry: SpanEntry) => string): string {
  return entries
    .map((entry) => {
      const time = new Date(entry.time / 1000).toISOString();
      return isSpan(entry) ? `${time} ${span(entry)}` : `${time} ${entry.pod} ${entry.container} ${entry.message}`;
    })
    .concat('')
    .join('\n');
}
