import { expect, test } from 'vitest';
import type { Graph, TraceRows } from '@/api/schema.gen';
import { facts } from './fixtures';
import { graphOf, touched } from './traceGraph';

const rowsOf = (...namespaces: Array<string | null>): TraceRows =>
  ({ traceID: '2a', startTime: 1_000_000_500, duration: 1_500, spans: namespaces.map((namespace, at) => facts(`${at}`, null, 0, 1, { namespace })) }) as unknown as TraceRows;

test('the graph of a trace: its namespaces, each once, and ten minutes of traffic before it', () => {
  expect(graphOf(rowsOf('b', null, 'a', 'b'))).toEqual({ namespaces: ['a', 'b'], from: 400_000, to: 1_060_002 });
  expect(graphOf(rowsOf(null)).namespaces).toEqual([]);
});

test('what the trace does not touch is left out, and boxes', () => {
  const node = (id: string, nodeType = 'workload') => ({ data: { id, nodeType } });
  const edge = (id: string, source: string, target: string) => ({ data: { id, source, target } });
  const graph = {
    elements: { nodes: [node('w'), node('v'), node('u'), node('box', 'box')], edges: [edge('wv', 'w', 'v'), edge('vu', 'v', 'u'), edge('wu', 'w', 'u')] },
  } as unknown as Graph;
  const left = touched(graph, { nodes: new Map([['w', []], ['v', []], ['box', []]]), edges: new Map([['wv', []], ['vu', []]]) });
  expect([left.nodes.map((one) => one.id), left.edges.map((one) => one.id)]).toEqual([['w', 'v'], ['wv']]);
});
