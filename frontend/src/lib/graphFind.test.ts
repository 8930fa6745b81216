import { expect, test } from 'vitest';
import type { GraphEdge, GraphNode } from '@/api/schema.gen';
import { find, searchOf, without } from './graphFind';

const node = (id: string, more: Partial<GraphNode> = {}): GraphNode => ({ id, nodeType: 'workload', workload: id, cluster: '', namespace: 'bookinfo', healthData: null, ...more });
const edge = (source: string, target: string, rates: Record<string, string>, more: Partial<GraphEdge> = {}): GraphEdge => ({
  id: `${source}>${target}`, source, target, traffic: { protocol: 'http', rates }, ...more,
});
const nodes = [
  node('gateway', { namespace: 'istio-system' }),
  node('reviews-v1', { app: 'reviews', labels: { tier: 'back' } }),
  node('reviews-v2', { app: 'reviews' }),
  node('mongo', { isOutside: true, namespace: 'data', isOutOfMesh: true, healthData: { requests: { healthAnnotations: {}, inbound: {}, outbound: {} }, status: { status: 'Degraded', totalRequestRate: 1 } } }),
  node('box', { nodeType: 'box', app: 'reviews' }),
];
const edges = [
  edge('gateway', 'reviews-v1', { http: '2', httpPercentErr: '10.0' }, { responseTime: '120', isMTLS: '100' }),
  edge('gateway', 'reviews-v2', { http: '0.5' }, { responseTime: '7' }),
  edge('reviews-v2', 'mongo', {}, { traffic: { protocol: 'tcp', rates: { tcp: '900' } } }),
  edge('reviews-v1', 'mongo', {}),
];

test.each([
  ['reviews', ['reviews-v1', 'reviews-v2']],
  ['REVIEWS -v2', ['reviews-v1']],
  ['namespace:istio', ['gateway']],
  ['app=reviews version:v1', []],
  ['tier=back', undefined],
  ['label:tier=back', ['reviews-v1']],
  ['outside', ['mongo']],
  ['-outside -reviews', ['gateway']],
  ['rate>1', ['gateway>reviews-v1']],
  ['rate<=2 protocol:http rate>0', ['gateway>reviews-v1', 'gateway>reviews-v2']],
  ['bytes>1', ['reviews-v2>mongo']],
  ['errors>=10', ['gateway>reviews-v1']],
  ['-failing reviews', ['gateway>reviews-v2', 'reviews-v1>mongo', 'reviews-v2>mongo']],
  ['rt>100', ['gateway>reviews-v1']],
  ['idle', ['reviews-v1>mongo']],
  ['mtls', ['gateway>reviews-v1']],
  ['protocol:tcp', ['reviews-v2>mongo']],
  ['mark:outofmesh', ['mongo']],
  ['mark:circuit', []],
  ['-mark:out -reviews', ['gateway']],
  ['unhealthy', ['mongo']],
  ['rate>much', undefined],
  ['nothing:here', undefined],
  ['', []],
])('%s', (text, expected) => {
  const search = searchOf(text);
  expect(search.wrong === undefined).toBe(expected !== undefined);
  const found = find(search, nodes, edges);
  expect([...found.nodes, ...found.edges].sort()).toEqual(expected ?? []);
});

test('what is taken away takes its edges along, and nodes that are left alone by it', () => {
  const ids = (left: ReturnType<typeof without>) => [left.nodes.map((one) => one.id), left.edges.map((one) => one.id)];
  expect(ids(without(find(searchOf('gateway'), nodes, edges), nodes, edges))).toEqual([
    ['reviews-v1', 'reviews-v2', 'mongo', 'box'], ['reviews-v2>mongo', 'reviews-v1>mongo'],
  ]);
  expect(ids(without(find(searchOf('rate>=0'), nodes, edges), nodes, edges))[1]).toEqual(['reviews-v2>mongo']);
  expect(ids(without(find(searchOf('protocol:http'), nodes, edges), nodes, edges))).toEqual([['reviews-v2', 'mongo', 'box'], ['reviews-v2>mongo']]);
});
