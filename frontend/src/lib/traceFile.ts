import type { KeyValue, Span, Trace } from '@/api/schema.gen';

export const kLargestFile = 64 * 1024 * 1024; // bytes
const kMostSpans = 50_000; // of all traces in it

// Why a file cannot be read: it is no JSON, holds no trace, or too many spans.
export type Unreadable = 'json' | 'none' | 'large';
export type FileOfTraces = { traces: Trace[] } | { wrong: Unreadable };

type Loose = Record<string, unknown>;

const isObject = (value: unknown): value is Loose => typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): Loose[] => (Array.isArray(value) ? value.filter(isObject) : []);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const micros = (value: unknown): number => Math.max(0, Math.trunc(Number(value) || 0));

const pairs = (value: unknown): KeyValue[] =>
  listOf(value).map((one) => ({ key: textOf(one['key']), type: textOf(one['type']) || 'string', value: one['value'] })) as KeyValue[];

function spanOf(traceID: string, given: Loose): Span | undefined {
  const spanID = textOf(given['spanID']).toLowerCase();
  if (spanID === '' || !Number.isFinite(Number(given['startTime']))) return undefined;
  const references = listOf(given['references']).map((one) => ({
    refType: one['refType'] === 'FOLLOWS_FROM' ? ('FOLLOWS_FROM' as const) : ('CHILD_OF' as const),
    traceID: textOf(one['traceID']).toLowerCase(),
    spanID: textOf(one['spanID']).toLowerCase(),
  }));
  return {
    traceID,
    spanID,
    references,
    startTime: micros(given['startTime']),
    duration: micros(given['duration']),
    operationName: textOf(given['operationName']),
    tags: pairs(given['tags']),
    logs: listOf(given['logs']).map((one) => ({ timestamp: micros(one['timestamp']), fields: pairs(one['fields']) })) as Span['logs'],
    processID: textOf(given['processID']),
    warnings: Array.isArray(given['warnings']) ? given['warnings'].filter((one) => typeof one === 'string') : null,
    ...(given['redacted'] === true ? { redacted: true as const } : {}),
  };
}

function traceOf(given: Loose): Trace | undefined {
  const traceID = textOf(given['traceID']).toLowerCase();
  const spans = listOf(given['spans']).flatMap((one) => spanOf(traceID, one) ?? []);
  if (traceID === '' || spans.length === 0) return undefined;
  const processes = isObject(given['processes']) ? given['processes'] : {};
  return {
    traceID,
    spans: spans.sort((a, b) => a.startTime - b.startTime),
    processes: Object.fromEntries(
      Object.entries(processes).map(([id, one]) => [id, { serviceName: isObject(one) ? textOf(one['serviceName']) : '', tags: isObject(one) ? pairs(one['tags']) : [] }]),
    ),
    warnings: null,
    matched: 0,
  };
}

// The traces in the text of a file: as this console's download has them, as Jaeger's pages save them, or bare. What is no span in it is
// left out.
export function readTraces(text: string): FileOfTraces {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { wrong: 'json' };
  }
  const held = isObject(body) && body['data'] !== undefined ? body['data'] : body;
  const traces = (Array.isArray(held) ? listOf(held) : isObject(held) ? [held] : []).flatMap((one) => traceOf(one) ?? []);
  if (traces.length === 0) return { wrong: 'none' };
  return traces.reduce((sum, one) => sum + one.spans.length, 0) > kMostSpans ? { wrong: 'large' } : { traces };
}
