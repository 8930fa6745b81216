import type { Graph, GraphEdge, GraphNode, TraceRows } from '@/api/schema.gen';
import type { Overlay } from './graphView';
import { ownerOf } from './spanFilters';

const kBefore = 600_000; // ms of traffic before a trace on its graph
const kBehind = 60_000;

export type GraphOfTrace = { namespaces: string[]; from: number; to: number };

// The namespaces that a trace touches, and the time around it, ms.
export function graphOf(rows: TraceRows): GraphOfTrace {
  const namespaces = new Set(rows.spans.map((span) => ownerOf(span).namespace).filter((one) => one !== null));
  return {
    namespaces: [...namespaces].sort(),
    from: Math.floor(rows.startTime / 1000) - kBefore,
    to: Math.ceil((rows.startTime + rows.duration) / 1000) + kBehind,
  };
}

// The part of a graph that a trace lies on: nodes and edges without a call of its are left out.
export function touched(graph: Graph, overlay: Overlay): { nodes: GraphNode[]; edges: GraphEdge[] } {
  const nodes = graph.elements.nodes.map((one) => one.data).filter((one) => one.nodeType !== 'box' && overlay.nodes.has(one.id));
  const ids = new Set(nodes.map((one) => one.id));
  const edges = graph.elements.edges.map((one) => one.data).filter((one) => overlay.edges.has(one.id) && ids.has(one.source) && ids.has(one.target));
  return { nodes, edges };
}
