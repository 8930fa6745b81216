import type { GraphEdge, GraphNode, TraceOnGraph } from '@/api/schema.gen';
import type { Kind } from './urls';

export const kGraphTypes = ['workload', 'app', 'versionedApp', 'service'] as const;
export type GraphType = (typeof kGraphTypes)[number];
export const kEdgeLabels = ['none', 'rate', 'share', 'responseTime', 'throughput'] as const;
export type EdgeLabel = (typeof kEdgeLabels)[number];
export const kBoxes = ['none', 'namespace', 'app', 'namespace,app', 'cluster'] as const;
export type BoxBy = (typeof kBoxes)[number];

export function nodeName(node: GraphNode): string {
  if (node.isBox === 'cluster') return node.cluster;
  if (node.isBox === 'namespace') return node.namespace;
  if (node.nodeType === 'service') return node.service ?? '';
  if (node.nodeType === 'aggregate') return node.aggregate ?? '';
  if (node.nodeType === 'workload') return node.workload ?? node.app ?? '';
  if (node.nodeType === 'app') return node.version ? `${node.app ?? ''} ${node.version}` : (node.app ?? node.workload ?? '');
  return node.app ?? node.namespace;
}

// The page that tells more of a node; undefined where there is none.
export function nodeSubject(node: GraphNode): { kind: Kind; namespace: string; name: string } | undefined {
  if (node.isInaccessible || node.nodeType === 'unknown' || node.isServiceEntry) return undefined;
  const { namespace } = node;
  if (node.nodeType === 'box') return node.isBox === 'app' && node.app ? { kind: 'applications', namespace, name: node.app } : undefined;
  if (node.workload && node.nodeType !== 'service') return { kind: 'workloads', namespace, name: node.workload };
  if (node.nodeType === 'app' && node.app) return { kind: 'applications', namespace, name: node.app };
  return node.service ? { kind: 'services', namespace, name: node.service } : undefined;
}

export type Traffic = { protocol: string; rate: number; errors: number; share: number };

// How much flows over an edge: per second, and how many percent of it failed.
export function trafficOf(edge: GraphEdge): Traffic {
  const { protocol, rates = {} } = edge.traffic;
  const number = (name: string) => Number(rates[name] ?? 0);
  return { protocol, rate: number(protocol), errors: number(`${protocol}PercentErr`), share: number(`${protocol}PercentReq`) };
}

export type EdgeState = 'good' | 'warn' | 'bad' | 'tcp' | 'idle';

export function edgeState(edge: GraphEdge): EdgeState {
  const traffic = trafficOf(edge);
  if (traffic.rate === 0) return 'idle';
  if (edge.healthStatus === 'Failure') return 'bad';
  if (edge.healthStatus === 'Degraded') return 'warn';
  if (edge.healthStatus === undefined && traffic.errors > 0) return traffic.errors >= 20 ? 'bad' : 'warn';
  return traffic.protocol === 'tcp' ? 'tcp' : 'good';
}

export function edgeText(edge: GraphEdge, label: EdgeLabel): string {
  const traffic = trafficOf(edge);
  if (label === 'rate') return traffic.rate > 0 ? `${traffic.rate}${traffic.protocol === 'tcp' ? ' B/s' : '/s'}` : '';
  if (label === 'share') return traffic.share > 0 ? `${traffic.share} %` : '';
  if (label === 'responseTime') return edge.responseTime === undefined ? '' : `${edge.responseTime} ms`;
  if (label === 'throughput') return edge.throughput === undefined ? '' : `${edge.throughput} B/s`;
  return '';
}

export type Hop = TraceOnGraph['hops'][number];

// The calls of a trace: what a second span says of the same call is not counted again.
export const callsOf = (trace: TraceOnGraph): Hop[] => trace.hops.filter((hop) => !hop.repeats);

// The number of a call as people see it: 1, 2, 3 in the order of calls.
export const numbersOf = (trace: TraceOnGraph): Map<string, number> => new Map(callsOf(trace).map((hop, at) => [hop.spanID, at + 1]));

export type Overlay = { nodes: Map<string, Hop[]>; edges: Map<string, Hop[]> };

// Which calls lie on which node and edge.
export function overlayOf(trace: TraceOnGraph): Overlay {
  const overlay: Overlay = { nodes: new Map(), edges: new Map() };
  const add = (map: Map<string, Hop[]>, id: string, hop: Hop) => map.set(id, (map.get(id) ?? []).concat(hop));
  for (const hop of trace.hops) for (const id of hop.nodes.length > 0 ? hop.nodes : [hop.node]) add(overlay.nodes, id, hop);
  for (const hop of callsOf(trace)) for (const id of hop.edges) add(overlay.edges, id, hop);
  return overlay;
}

// The same on a graph where a box or an edge stands for several.
export function overlayOn(overlay: Overlay, nodeOf: (id: string) => string, edgeOf: (id: string) => string): Overlay {
  const moved = (from: Map<string, Hop[]>, of: (id: string) => string) => {
    const to = new Map<string, Hop[]>();
    for (const [id, hops] of from) to.set(of(id), [...new Set([...(to.get(of(id)) ?? []), ...hops])]);
    return to;
  };
  return { nodes: moved(overlay.nodes, nodeOf), edges: moved(overlay.edges, edgeOf) };
}
