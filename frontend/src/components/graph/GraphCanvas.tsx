import { useMemo, useState, type KeyboardEvent } from 'react';
import { Button } from '@patternfly/react-core';
import type { Graph, GraphEdge, GraphNode } from '@/api/schema.gen';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { layout, type Place } from '@/lib/graphLayout';
import { edgeState, edgeText, nodeName, trafficOf, type EdgeLabel, type Overlay } from '@/lib/graphView';

const kNode = { width: 170, height: 46 };
const kGap = { x: 250, y: 76 };
const kMargin = 20;

export type Chosen = { node: string; edge: string };

const pressed = (event: KeyboardEvent, act: () => void) => {
  if (event.key !== 'Enter' && event.key !== ' ') return;
  event.preventDefault();
  act();
};

// From the right side of the caller to the left side of the called; what leads back goes around below.
function pathOf(from: Place, to: Place): { d: string; x: number; y: number } {
  const x1 = from.x + kNode.width;
  const y1 = from.y + kNode.height / 2;
  const x2 = to.x;
  const y2 = to.y + kNode.height / 2;
  if (to.layer > from.layer) {
    const bend = (x2 - x1) / 2;
    return { d: `M ${x1} ${y1} C ${x1 + bend} ${y1}, ${x2 - bend} ${y2}, ${x2} ${y2}`, x: (x1 + x2) / 2, y: (y1 + y2) / 2 };
  }
  const low = Math.max(y1, y2) + kNode.height + 10;
  return { d: `M ${x1} ${y1} C ${x1 + 70} ${low}, ${x2 - 70} ${low}, ${x2} ${y2}`, x: (x1 + x2) / 2, y: (y1 + y2) / 8 + low * 0.75 };
}

function Edge({ edge, from, to, text, name, calls, numbers, faded, chosen, onChoose }: {
  edge: GraphEdge;
  from: Place;
  to: Place;
  text: string;
  name: string;
  calls: readonly { spanID: string; duration: number; error: boolean }[];
  numbers: ReadonlyMap<string, number>;
  faded: boolean;
  chosen: boolean;
  onChoose: () => void;
}) {
  const path = pathOf(from, to);
  const failed = calls.some((one) => one.error);
  const first = calls.slice(0, 3);
  const said = first.map((one) => `${numbers.get(one.spanID) ?? '·'}: ${formatDuration(one.duration)}${one.error ? ' ✕' : ''}`).join('  ') + (calls.length > 3 ? ' …' : '');
  const label = calls.length > 0 ? said : text;
  return (
    <g className={`ms-edge ms-edge-${edgeState(edge)}${chosen ? ' ms-chosen' : ''}${faded ? ' ms-faded' : ''}`} onClick={onChoose}>
      {calls.length > 0 && <path d={path.d} className={`ms-over${failed ? ' ms-over-bad' : ''}`} />}
      <path
        d={path.d}
        className="ms-edge-wide"
        role="button"
        tabIndex={0}
        aria-label={label === '' || name.includes(label) ? name : `${name}; ${label}`}
        aria-pressed={chosen}
        data-testid="graph-edge"
        data-calls={calls.length}
        onKeyDown={(event) => pressed(event, onChoose)}
      />
      <path d={path.d} className="ms-edge-line" markerEnd="url(#ms-arrow)" />
      {label !== '' && (
        <g aria-hidden>
          <rect x={path.x - label.length * 3.3 - 4} y={path.y - 9} width={label.length * 6.6 + 8} height={18} rx={4} className={`ms-edge-plate${failed ? ' ms-plate-bad' : ''}`} />
          <text x={path.x} y={path.y + 4} textAnchor="middle">
            {label}
          </text>
        </g>
      )}
    </g>
  );
}

function Node({ node, place, spans, failed, faded, chosen, onChoose }: {
  node: GraphNode;
  place: Place;
  spans: number;
  failed: boolean;
  faded: boolean;
  chosen: boolean;
  onChoose: () => void;
}) {
  const t = useT();
  const name = nodeName(node) || t('detail.none');
  const where = t('graph.node', { name, namespace: node.namespace });
  const mark = node.nodeType === 'service' ? 'S' : node.nodeType === 'app' ? 'A' : node.nodeType === 'workload' ? 'W' : '?';
  return (
    <g transform={`translate(${place.x} ${place.y})`} className={`ms-node${chosen ? ' ms-chosen' : ''}${faded ? ' ms-faded' : ''}${node.isOutside ? ' ms-outside' : ''}`}>
      <g aria-hidden>
        {spans > 0 && <rect x={-8} y={-8} width={kNode.width + 16} height={kNode.height + 16} rx={14} className={`ms-over-node${failed ? ' ms-over-bad' : ''}`} />}
        <rect width={kNode.width} height={kNode.height} rx={node.nodeType === 'service' ? 22 : 8} className="ms-node-body" />
        <text x={14} y={28} className="ms-node-mark">
          {mark}
        </text>
        <text x={32} y={20} className="ms-node-name">
          {name.length > 20 ? `${name.slice(0, 19)}…` : name}
        </text>
        <text x={32} y={36} className="ms-node-where">
          {node.namespace.length > 22 ? `${node.namespace.slice(0, 21)}…` : node.namespace}
        </text>
      </g>
      <rect
        width={kNode.width}
        height={kNode.height}
        rx={8}
        className="ms-node-hit"
        role="button"
        tabIndex={0}
        aria-label={spans > 0 ? `${where}; ${t('graph.onNode', { count: spans })}` : where}
        aria-pressed={chosen}
        data-testid="graph-node"
        data-name={name}
        data-spans={spans}
        onClick={onChoose}
        onKeyDown={(event) => pressed(event, onChoose)}
      >
        <title>{where}</title>
      </rect>
    </g>
  );
}

// The graph as a picture in which every node and edge can be reached with Tab and chosen with Enter.
export function GraphCanvas({ graph, label, overlay, numbers, chosen, onNode, onEdge }: {
  graph: Graph;
  label: EdgeLabel;
  overlay: Overlay | undefined;
  numbers: ReadonlyMap<string, number>;
  chosen: Chosen;
  onNode: (id: string) => void;
  onEdge: (id: string) => void;
}) {
  const t = useT();
  const { number } = useFormats();
  const [zoom, setZoom] = useState(0); // 0: as large as there is room
  const shown = useMemo(() => {
    const nodes = graph.elements.nodes.map((one) => one.data).filter((node) => node.nodeType !== 'box');
    const edges = graph.elements.edges.map((one) => one.data);
    const places = layout(nodes.map((node) => ({ id: node.id, box: node.parent })), edges, kGap);
    const right = Math.max(0, ...[...places.values()].map((place) => place.x)) + kNode.width;
    const bottom = Math.max(0, ...[...places.values()].map((place) => place.y)) + kNode.height;
    return { nodes, edges, places, names: new Map(nodes.map((node) => [node.id, nodeName(node)])), width: right + 2 * kMargin, height: bottom + 2 * kMargin + 30 };
  }, [graph]);
  const larger = zoom === 0 ? 1 : zoom;
  return (
    <div className="ms-graph">
      <div className="ms-row ms-graph-zoom">
        <Button size="sm" variant="secondary" onClick={() => setZoom(Math.min(4, larger * 1.25))}>{t('graph.zoomIn')}</Button>
        <Button size="sm" variant="secondary" onClick={() => setZoom(Math.max(0.1, larger / 1.25))}>{t('graph.zoomOut')}</Button>
        <Button size="sm" variant="link" onClick={() => setZoom(0)} isDisabled={zoom === 0}>{t('graph.fit')}</Button>
      </div>
      <div className="ms-graph-scroll">
        <svg
          role="group"
          aria-label={t('graph.picture', { nodes: number(shown.nodes.length), edges: number(shown.edges.length) })}
          viewBox={`${-kMargin} ${-kMargin} ${shown.width} ${shown.height}`}
          style={zoom === 0 ? { width: '100%', maxWidth: shown.width, maxHeight: '36rem' } : { width: shown.width * zoom, height: shown.height * zoom }}
          data-testid="graph"
        >
          <defs>
            <marker id="ms-arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse">
              <path d="M 0 0 L 10 5 L 0 10 z" className="ms-arrow" />
            </marker>
          </defs>
          {shown.edges.map((edge) => {
            const from = shown.places.get(edge.source);
            const to = shown.places.get(edge.target);
            if (!from || !to) return null;
            const traffic = trafficOf(edge);
            const calls = overlay?.edges.get(edge.id) ?? [];
            return (
              <Edge
                key={edge.id}
                edge={edge}
                from={from}
                to={to}
                text={edgeText(edge, label)}
                name={t('graph.edge', {
                  source: shown.names.get(edge.source) ?? '',
                  target: shown.names.get(edge.target) ?? '',
                  traffic: `${traffic.protocol} ${edgeText(edge, 'rate')} ${traffic.errors > 0 ? `${traffic.errors} % ${t('graph.errors')}` : ''} ${edgeText(edge, 'responseTime')}`.trim(),
                })}
                calls={calls}
                numbers={numbers}
                faded={overlay !== undefined && calls.length === 0}
                chosen={chosen.edge === edge.id}
                onChoose={() => onEdge(edge.id)}
              />
            );
          })}
          {shown.nodes.map((node) => {
            const place = shown.places.get(node.id);
            const spans = overlay?.nodes.get(node.id) ?? [];
            return place ? (
              <Node
                key={node.id}
                node={node}
                place={place}
                spans={spans.length}
                failed={spans.some((one) => one.error && one.node === node.id)}
                faded={overlay !== undefined && spans.length === 0}
                chosen={chosen.node === node.id}
                onChoose={() => onNode(node.id)}
              />
            ) : null;
          })}
        </svg>
      </div>
    </div>
  );
}
