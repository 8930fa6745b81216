import type { GraphEdge, GraphNode } from '@/api/schema.gen';
import { badgesOf, healthOf } from './graphBadges';
import { edgeState, nodeName, trafficOf } from './graphView';

// A search over a graph: words between blanks, all of which have to hold.
//   text             part of a name, namespace, application, workload, service or label
//   key:text         part of that one: name, namespace, app, version, workload, service, type, protocol, label, mark
//   key>number       also <, >=, <=, =: rate (requests per second), bytes (TCP, per second), errors (percent), rt (ms)
//   idle, outside, mtls, failing, unhealthy
//   -word            does not hold
type Test = { node?: (node: GraphNode) => boolean; edge?: (edge: GraphEdge) => boolean };

export type Found = { nodes: Set<string>; edges: Set<string> };
export type Search = { tests: Test[]; wrong: string | undefined }; // `wrong`: the first word that means nothing

const has = (text: string | undefined, part: string) => text !== undefined && text.toLowerCase().includes(part);

const kTexts: Record<string, (node: GraphNode) => string | undefined> = {
  name: nodeName,
  namespace: (node) => node.namespace,
  app: (node) => node.app,
  version: (node) => node.version,
  workload: (node) => node.workload,
  service: (node) => node.service,
  type: (node) => node.nodeType,
  label: (node) => Object.entries(node.labels ?? {}).map(([key, value]) => `${key}=${value}`).join(' '),
};

const kNumbers: Record<string, (edge: GraphEdge) => number | undefined> = {
  rate: (edge) => (trafficOf(edge).protocol === 'tcp' ? undefined : trafficOf(edge).rate),
  bytes: (edge) => (trafficOf(edge).protocol === 'tcp' ? trafficOf(edge).rate : undefined),
  errors: (edge) => trafficOf(edge).errors,
  rt: (edge) => (edge.responseTime === undefined ? undefined : Number(edge.responseTime)),
};

const kCompare: Record<string, (a: number, b: number) => boolean> = {
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '=': (a, b) => a === b,
};

const kMarks: Record<string, Test> = {
  idle: { edge: (edge) => edgeState(edge) === 'idle' },
  failing: { edge: (edge) => trafficOf(edge).errors > 0 },
  mtls: { edge: (edge) => Number(edge.isMTLS ?? 0) > 0 },
  outside: { node: (node) => node.isOutside === true },
  unhealthy: { node: (node) => ['Failure', 'Degraded'].includes(healthOf(node) ?? '') },
};

function testOf(word: string): Test | undefined {
  const compared = /^(\w+)(>=|<=|>|<|=)(.+)$/.exec(word);
  const number = compared?.[1] === undefined ? undefined : kNumbers[compared[1]];
  if (compared && number) {
    const than = Number(compared[3]);
    const compare = kCompare[compared[2] ?? ''];
    if (!Number.isFinite(than) || !compare) return undefined;
    return {
      edge: (edge) => {
        const value = number(edge);
        return value !== undefined && compare(value, than);
      },
    };
  }
  const named = /^(\w+)[:=](.+)$/.exec(word);
  if (named?.[1] === 'protocol') return { edge: (edge) => trafficOf(edge).protocol === named[2] };
  if (named?.[1] === 'mark') return { node: (node) => badgesOf(node).some((badge) => has(badge, named[2] ?? '')) };
  const text = named?.[1] === undefined ? undefined : kTexts[named[1]];
  if (named && text) return { node: (node) => has(text(node), named[2] ?? '') };
  if (named || compared) return undefined;
  return kMarks[word] ?? { node: (node) => Object.values(kTexts).some((of) => has(of(node), word)) };
}

const not = (test: Test): Test => ({
  ...(test.node && { node: (node: GraphNode) => test.node?.(node) === false }),
  ...(test.edge && { edge: (edge: GraphEdge) => test.edge?.(edge) === false }),
});

export function searchOf(text: string): Search {
  const tests: Test[] = [];
  for (const word of text.toLowerCase().split(/\s+/).filter((one) => one !== '' && one !== '-')) {
    const negated = word.startsWith('-');
    const test = testOf(negated ? word.slice(1) : word);
    if (!test) return { tests: [], wrong: word };
    tests.push(negated ? not(test) : test);
  }
  return { tests, wrong: undefined };
}

// Words about edges lead to edges, and those about nodes then to one of their ends; without them the nodes are looked for.
export function find(search: Search, nodes: readonly GraphNode[], edges: readonly GraphEdge[]): Found {
  const found: Found = { nodes: new Set(), edges: new Set() };
  if (search.tests.length === 0) return found;
  const ofNodes = search.tests.filter((test) => test.node);
  const ofEdges = search.tests.filter((test) => test.edge);
  const fitting = new Set(nodes.filter((node) => node.nodeType !== 'box' && ofNodes.every((test) => test.node?.(node))).map((node) => node.id));
  if (ofEdges.length === 0) return { ...found, nodes: fitting };
  for (const edge of edges) {
    if (ofEdges.every((test) => test.edge?.(edge)) && (fitting.has(edge.source) || fitting.has(edge.target))) found.edges.add(edge.id);
  }
  return found;
}

// What is left when these are taken away: no edge without both its ends, and no node that stood there only for an edge that went.
export function without(hidden: Found, nodes: readonly GraphNode[], edges: readonly GraphEdge[]): { nodes: GraphNode[]; edges: GraphEdge[] } {
  const left = edges.filter((edge) => !hidden.edges.has(edge.id) && !hidden.nodes.has(edge.source) && !hidden.nodes.has(edge.target));
  const touched = new Set(edges.flatMap((edge) => [edge.source, edge.target]));
  const stillTouched = new Set(left.flatMap((edge) => [edge.source, edge.target]));
  const lost = (node: GraphNode) => hidden.edges.size > 0 && touched.has(node.id) && !stillTouched.has(node.id);
  return { edges: left, nodes: nodes.filter((node) => !hidden.nodes.has(node.id) && !lost(node)) };
}
