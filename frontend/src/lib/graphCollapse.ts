import type { GraphEdge, GraphNode } from '@/api/schema.gen';
import { trafficOf } from './graphView';

export type Parts = { nodes: readonly GraphNode[]; boxes: readonly GraphNode[]; edges: readonly GraphEdge[] };
export type Collapsed = Parts & {
  nodeOf: (id: string) => string; // what stands for a node: itself, or the box that it is in
  edgesOf: ReadonlyMap<string, readonly GraphEdge[]>; // those that an edge stands for, of edges that stand for several
  edgeOf: (id: string) => string; // what stands for an edge; itself when it is inside of a box, and is not there
  members: ReadonlyMap<string, number>; // nodes in the boxes that stand for them
};

const kDeepest = 4; // boxes within boxes

const decimal = (value: number): string => value.toFixed(value < 1 ? 5 : 2);

const kRank = { Failure: 2, Degraded: 1, Healthy: 0 } as const;

// One edge for several between the same two by one protocol: rates together, share of errors over all, the longest response time, the
// least share of mutual TLS.
function joined(id: string, source: string, target: string, edges: readonly GraphEdge[]): GraphEdge {
  const first = edges[0] as GraphEdge;
  const traffic = edges.map(trafficOf);
  const { protocol } = first.traffic;
  const rate = traffic.reduce((sum, one) => sum + one.rate, 0);
  const failed = traffic.reduce((sum, one) => sum + one.rate * one.errors, 0);
  const most = (values: Array<string | undefined>) => values.reduce<number | undefined>((top, one) => (one === undefined ? top : Math.max(top ?? 0, Number(one))), undefined);
  const time = most(edges.map((one) => one.responseTime));
  const throughput = edges.some((one) => one.throughput !== undefined) ? edges.reduce((sum, one) => sum + Number(one.throughput ?? 0), 0) : undefined;
  const worst = edges.map((one) => one.healthStatus).filter((one) => one !== undefined).toSorted((a, b) => kRank[b] - kRank[a])[0];
  const mtls = Math.min(...edges.map((one) => Number(one.isMTLS ?? 0)));
  return {
    id,
    source,
    target,
    traffic: { protocol, ...(rate > 0 ? { rates: { [protocol]: decimal(rate), [`${protocol}PercentErr`]: decimal(failed / rate) } } : {}) },
    ...(time === undefined ? {} : { responseTime: String(time) }),
    ...(throughput === undefined ? {} : { throughput: String(throughput) }),
    ...(worst === undefined ? {} : { healthStatus: worst }),
    ...(mtls > 0 ? { isMTLS: String(mtls) } : {}),
  };
}

// The graph with these boxes in the place of what they hold: what calls into one calls the box, and what goes on inside is not seen.
export function collapse(parts: Parts, closed: ReadonlySet<string>): Collapsed {
  const boxes = new Map(parts.boxes.map((one) => [one.id, one]));
  // The outermost closed box around it.
  const standsFor = (id: string, parent: string | undefined): string => {
    let found = closed.has(id) && boxes.has(id) ? id : '';
    let at = parent;
    for (let depth = 0; at !== undefined && depth < kDeepest; depth += 1) {
      if (closed.has(at) && boxes.has(at)) found = at;
      at = boxes.get(at)?.parent;
    }
    return found === '' ? id : found;
  };
  const place = new Map([...parts.nodes, ...parts.boxes].map((one) => [one.id, standsFor(one.id, one.parent)]));
  const nodeOf = (id: string) => place.get(id) ?? id;
  const members = new Map<string, number>();
  for (const node of parts.nodes) if (nodeOf(node.id) !== node.id) members.set(nodeOf(node.id), (members.get(nodeOf(node.id)) ?? 0) + 1);

  const groups = new Map<string, GraphEdge[]>();
  const edges: GraphEdge[] = [];
  for (const edge of parts.edges) {
    const [source, target] = [nodeOf(edge.source), nodeOf(edge.target)];
    if (source === edge.source && target === edge.target) edges.push(edge);
    else if (source !== target) {
      const key = `${source} ${target} ${edge.traffic.protocol}`;
      groups.set(key, (groups.get(key) ?? []).concat(edge));
    }
  }
  const edgesOf = new Map<string, readonly GraphEdge[]>();
  const replaced = new Map<string, string>();
  for (const all of groups.values()) {
    const first = all[0] as GraphEdge;
    edges.push(joined(first.id, nodeOf(first.source), nodeOf(first.target), all));
    edgesOf.set(first.id, all);
    for (const one of all) replaced.set(one.id, first.id);
  }
  return {
    nodes: [...parts.nodes.filter((one) => nodeOf(one.id) === one.id), ...parts.boxes.filter((one) => closed.has(one.id) && nodeOf(one.id) === one.id && members.has(one.id))],
    boxes: parts.boxes.filter((one) => nodeOf(one.id) === one.id && !closed.has(one.id)),
    edges,
    nodeOf,
    edgesOf,
    edgeOf: (id) => replaced.get(id) ?? id,
    members,
  };
}
