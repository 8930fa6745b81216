import { expect, test } from 'vitest';
import type { GraphEdge, GraphNode } from '@/api/schema.gen';
import { collapse } from './graphCollapse';
import { trafficOf } from './graphView';

const node = (id: string, parent?: string): GraphNode => ({ id, nodeType: 'app', cluster: 'c', namespace: 'ns', healthData: null, ...(parent ? { parent } : {}) });
const box = (id: string, parent?: string): GraphNode => ({ ...node(id, parent), nodeType: 'box', isBox: 'app' });
const edge = (id: string, way: string, rate: number, errors: number, more: Partial<GraphEdge> = {}): GraphEdge => ({
  id,
  source: way.split('>')[0] ?? '',
  target: way.split('>')[1] ?? '',
  traffic: { protocol: 'http', rates: { http: String(rate), httpPercentErr: String(errors) } },
  ...more,
});
const parts = {
  nodes: [node('g'), node('p', 'book'), node('r1', 'reviews'), node('r2', 'reviews'), node('t', 'book')],
  boxes: [box('reviews', 'book'), box('book'), box('empty')],
  edges: [
    edge('a', 'g>p', 4, 0),
    edge('b', 'p>r1', 1, 0, { responseTime: '10', healthStatus: 'Healthy', isMTLS: '100' }),
    edge('c', 'p>r2', 3, 20, { responseTime: '30', healthStatus: 'Failure', isMTLS: '50' }),
    edge('d', 'r1>t', 1, 0),
    edge('e', 'r1>r2', 9, 0),
    { ...edge('f', 'p>r2', 0, 0), traffic: { protocol: 'tcp', rates: { tcp: '100.00' } } },
  ],
};
const ids = (all: ReadonlyArray<{ id: string }>) => all.map((one) => one.id);

test('a closed box stands for its members, and one edge for those that lead to it by one protocol', () => {
  const found = collapse(parts, new Set(['reviews']));
  expect(ids(found.nodes)).toEqual(['g', 'p', 't', 'reviews']);
  expect(ids(found.boxes)).toEqual(['book', 'empty']);
  expect(found.edges.map((one) => `${one.id} ${one.source}>${one.target}`)).toEqual(['a g>p', 'b p>reviews', 'd reviews>t', 'f p>reviews']);
  const joined = found.edges[1] as GraphEdge;
  expect(trafficOf(joined)).toMatchObject({ protocol: 'http', rate: 4, errors: 15 });
  expect([joined.responseTime, joined.healthStatus, joined.isMTLS]).toEqual(['30', 'Failure', '50']);
  expect(ids(found.edgesOf.get('b') ?? [])).toEqual(['b', 'c']);
  expect([found.edgeOf('c'), found.edgeOf('a'), found.edgeOf('e')]).toEqual(['b', 'a', 'e']);
  expect([found.nodeOf('r2'), found.nodeOf('p')]).toEqual(['reviews', 'p']);
  expect([...found.members]).toEqual([['reviews', 2]]);
});

test('a closed box takes the boxes in it along; nobody knows how many are closed below it', () => {
  for (const closed of [['book'], ['book', 'reviews']]) {
    const found = collapse(parts, new Set(closed));
    expect(ids(found.nodes)).toEqual(['g', 'book']);
    expect(ids(found.boxes)).toEqual(['empty']);
    expect(found.edges.map((one) => `${one.source}>${one.target}`)).toEqual(['g>book']);
    expect(found.members.get('book')).toBe(4);
  }
});

test('nothing closed, or what is no box: all as it was', () => {
  for (const closed of [[], ['nothing', 'empty', 'g']]) {
    const found = collapse(parts, new Set(closed));
    expect(found.nodes).toEqual(parts.nodes);
    expect(found.edges).toEqual(parts.edges);
  }
});
