import { expect, test } from 'vitest';
import type { GraphEdge, GraphNode, Meta, TraceOnGraph } from '@/api/schema.gen';
import { edgeState, edgeText, nodeName, nodeSubject, numbersOf, overlayOf } from './graphView';

const node = (some: Partial<GraphNode>): GraphNode => ({ id: 'n', nodeType: 'workload', cluster: '', namespace: 'bookinfo', healthData: null, ...some });
const edge = (rates: Record<string, string>, more: Partial<GraphEdge> = {}): GraphEdge => ({ id: 'e', source: 'a', target: 'b', traffic: { protocol: 'http', rates }, ...more });

test('names and pages of nodes', () => {
  expect(nodeName(node({ nodeType: 'app', app: 'reviews', version: 'v1' }))).toBe('reviews v1');
  expect(nodeName(node({ workload: 'details-v1', app: 'details' }))).toBe('details-v1');
  expect(nodeSubject(node({ nodeType: 'app', app: 'details' }))).toEqual({ kind: 'applications', namespace: 'bookinfo', name: 'details' });
  expect(nodeSubject(node({ nodeType: 'app', app: 'details', workload: 'details-v1' }))?.kind).toBe('workloads');
  expect(nodeSubject(node({ nodeType: 'service', service: 'details' }))?.kind).toBe('services');
  expect(nodeSubject(node({ nodeType: 'unknown' }))).toBeUndefined();
  expect(nodeSubject(node({ nodeType: 'box', isBox: 'app', app: 'reviews' }))?.name).toBe('reviews');
  expect(nodeSubject(node({ nodeType: 'box', isBox: 'namespace' }))).toBeUndefined();
  expect(nodeName(node({ nodeType: 'box', isBox: 'namespace' }))).toBe('bookinfo');
  expect(nodeSubject(node({ workload: 'x', isInaccessible: true }))).toBeUndefined();
});

test('edges by their traffic, or by the health that was judged', () => {
  expect(edgeState(edge({ http: '1.5' }))).toBe('good');
  expect(edgeState(edge({ http: '1.5', httpPercentErr: '3.0' }))).toBe('warn');
  expect(edgeState(edge({ http: '1.5', httpPercentErr: '25.0' }))).toBe('bad');
  expect(edgeState(edge({ http: '1.5', httpPercentErr: '25.0' }, { healthStatus: 'Healthy' }))).toBe('good');
  expect(edgeState(edge({}))).toBe('idle');
  expect(edgeText(edge({ http: '1.5' }), 'rate')).toBe('1.5/s');
  expect(edgeText(edge({ http: '1.5', httpPercentReq: '33.3' }, { responseTime: '7' }), 'responseTime')).toBe('7 ms');
  expect(edgeText(edge({}), 'share')).toBe('');
});

test('calls are numbered in their order, and a span that repeats one has no number', () => {
  const hop = (order: number, nodes: string[], edges: string[], repeats = false) => ({
    order, spanID: `s${order}`, node: nodes.at(-1) ?? '', nodes, edge: edges.at(-1) ?? null, edges, offset: 0, duration: 1, error: false, repeats,
  });
  const trace: TraceOnGraph = {
    traceID: '1', graphType: 'workload', namespaces: [], unplaced: [], placed: 3, total: 3, meta: {} as Meta,
    hops: [hop(1, ['g'], []), hop(2, ['g', 'p'], ['e1']), hop(3, ['g', 'p'], ['e1'], true), hop(4, ['p', 'd'], ['e2'])],
  };
  expect([...numbersOf(trace)]).toEqual([['s1', 1], ['s2', 2], ['s4', 3]]);
  const { nodes, edges } = overlayOf(trace);
  expect(edges.get('e1')?.map((one) => one.spanID)).toEqual(['s2']);
  expect(nodes.get('p')?.length).toBe(3);
});
