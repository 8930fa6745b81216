import { useEffect, useMemo, useRef, useState, type FocusEvent, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import CompressArrowsAltIcon from '@patternfly/react-icons/dist/esm/icons/compress-arrows-alt-icon';
import ExpandArrowsAltIcon from '@patternfly/react-icons/dist/esm/icons/expand-arrows-alt-icon';
import MinusIcon from '@patternfly/react-icons/dist/esm/icons/minus-icon';
import PlusIcon from '@patternfly/react-icons/dist/esm/icons/plus-icon';
import SyncAltIcon from '@patternfly/react-icons/dist/esm/icons/sync-alt-icon';
import PlusSquareIcon from '@patternfly/react-icons/dist/esm/icons/plus-square-icon';
import type { GraphEdge, GraphNode } from '@/api/schema.gen';
import { useFormats, useT } from '@/i18n';
import { isWay, neighbour, stepOf } from '@/lib/graphArea';
import { boxedLayout, framesOf, type Point } from '@/lib/graphBoxes';
import type { Found } from '@/lib/graphFind';
import { edgeText, nodeName, trafficOf, type EdgeLabel, type Overlay } from '@/lib/graphView';
import { EdgeShape, FrameShape, kSizes, NodeShape } from './shapes';
import { useGraphView } from './useGraphView';

const kCloser = 1.25;
const kStill = 4; // pixels that a pointer may move while it clicks
const kNudge = 20; // units that a key moves a node

export type Chosen = { node: string; edge: string };
// `members`: how many nodes a closed box, which is a node then, stands for.
export type Shown = { nodes: readonly GraphNode[]; boxes: readonly GraphNode[]; edges: readonly GraphEdge[]; members: ReadonlyMap<string, number> };

type Drag = { pointer: number; node: string | undefined; x: number; y: number; going: boolean };

const boxed = (all: readonly GraphNode[]) => all.map((one) => ({ id: one.id, box: one.parent }));

// Where everything stands: as laid out, and as moved by hand since.
function usePlaces(shown: Shown) {
  const [moved, setMoved] = useState<ReadonlyMap<string, Point>>(new Map());
  const laid = useMemo(() => boxedLayout(boxed(shown.nodes), boxed(shown.boxes), shown.edges, kSizes), [shown]);
  const places = useMemo(() => {
    if (moved.size === 0) return laid;
    return new Map([...laid].map(([id, { x, y }]) => [id, { x: x + (moved.get(id)?.x ?? 0), y: y + (moved.get(id)?.y ?? 0) }]));
  }, [laid, moved]);
  const frames = useMemo(() => framesOf(boxed(shown.nodes), boxed(shown.boxes), places, kSizes), [shown, places]);
  const bounds = useMemo(() => {
    const parts = [...frames.values(), ...[...laid.values()].map((place) => ({ ...place, ...kSizes.node }))];
    const left = Math.min(0, ...parts.map((one) => one.x));
    const top = Math.min(0, ...parts.map((one) => one.y));
    return {
      x: left,
      y: top,
      width: Math.max(0, ...parts.map((one) => one.x + one.width)) - left,
      height: Math.max(0, ...parts.map((one) => one.y + one.height)) - top + 30,
    };
  }, [frames, laid]);
  const move = (id: string, by: Point) =>
    setMoved((before) => new Map(before).set(id, { x: (before.get(id)?.x ?? 0) + by.x, y: (before.get(id)?.y ?? 0) + by.y }));
  return { places, frames, bounds, move, touched: moved.size > 0, arrange: () => setMoved(new Map()) };
}

// A sign in the corner of the picture, with its name for those who point at it or cannot see it. What is off stays in the order of Tab.
function Tool({ icon, name, onClick, off = false, testId }: { icon: ReactNode; name: string; onClick: () => void; off?: boolean; testId?: string }) {
  return (
    <button type="button" className="ms-tool" aria-label={name} title={name} aria-disabled={off} onClick={() => !off && onClick()} data-testid={testId}>
      {icon}
    </button>
  );
}

// The graph as a picture. The pointer drags it and its nodes, the wheel zooms; the keys do the same, and Tab goes through all that can be chosen.
export function GraphCanvas({ shown, label, overlay, numbers, current, found, chosen, parameter, onNode, onEdge, onFold, onFoldAll }: {
  shown: Shown;
  label: EdgeLabel;
  overlay: Overlay | undefined;
  numbers: ReadonlyMap<string, number>;
  current: string; // the span of the call that is looked at
  found: Found;
  chosen: Chosen;
  parameter?: string; // what the address calls the part that is seen
  onNode: (id: string) => void;
  onEdge: (id: string) => void;
  onFold: (box: string) => void;
  onFoldAll: (boxes: readonly string[]) => void; // these are closed then, and no others
}) {
  const t = useT();
  const { number } = useFormats();
  const svg = useRef<SVGSVGElement>(null);
  const { places, frames, bounds, move, touched, arrange } = usePlaces(shown);
  const view = useGraphView(svg, bounds, parameter);
  const drag = useRef<Drag>(undefined);
  const names = useMemo(() => new Map([...shown.nodes, ...shown.boxes].map((node) => [node.id, nodeName(node)])), [shown]);

  const wheel = useRef<(event: WheelEvent) => void>(() => undefined);
  wheel.current = (event) => {
    event.preventDefault();
    view.zoom(Math.exp(-event.deltaY * 0.0015), view.toPicture(event.clientX, event.clientY));
  };
  useEffect(() => {
    const element = svg.current;
    const turned = (event: WheelEvent) => wheel.current(event);
    element?.addEventListener('wheel', turned, { passive: false });
    return () => element?.removeEventListener('wheel', turned);
  }, []);

  const nodeAt = (target: EventTarget) => (target instanceof SVGElement ? target.dataset['node'] : undefined);
  const pointerDown = (event: PointerEvent) => {
    if (event.button === 0) drag.current = { pointer: event.pointerId, node: nodeAt(event.target), x: event.clientX, y: event.clientY, going: false };
  };
  const pointerMove = (event: PointerEvent) => {
    const now = drag.current;
    if (!now || now.pointer !== event.pointerId) return;
    const [dx, dy] = [event.clientX - now.x, event.clientY - now.y];
    if (!now.going && Math.hypot(dx, dy) < kStill) return;
    if (!now.going) svg.current?.setPointerCapture(event.pointerId); // what is pressed now is no click any more
    const scale = view.scale();
    if (now.node) move(now.node, { x: dx * scale, y: dy * scale });
    else view.pan(-dx * scale, -dy * scale);
    drag.current = { ...now, x: event.clientX, y: event.clientY, going: true };
  };
  const pointerUp = () => {
    drag.current = undefined;
  };

  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const node = nodeAt(event.target);
    const acts: Record<string, () => void> = { '+': () => view.zoom(kCloser), '=': () => view.zoom(kCloser), '-': () => view.zoom(1 / kCloser), '0': view.fit };
    const act = acts[event.key];
    if (act) act();
    else if (!isWay(event.key)) return;
    else if (node && event.shiftKey) move(node, stepOf(event.key, kNudge));
    else if (node) {
      const next = neighbour(places, node, event.key);
      if (next) svg.current?.querySelector<SVGElement>(`[data-node="${CSS.escape(next)}"]`)?.focus();
    } else {
      const by = stepOf(event.key, view.area.width / 10);
      view.pan(by.x, by.y);
    }
    event.preventDefault();
  };
  const focused = (event: FocusEvent) => {
    const place = places.get(nodeAt(event.target) ?? '');
    if (place && event.target.matches(':focus-visible')) view.show({ ...place, ...kSizes.node });
  };
  const stepping = overlay !== undefined && current !== '';
  const { area } = view;
  return (
    <div className="ms-graph">
      <div className="ms-graph-tools" role="group" aria-label={t('graph.tools')}>
        <Tool icon={<PlusIcon />} name={t('graph.zoomIn')} onClick={() => view.zoom(kCloser)} />
        <Tool icon={<MinusIcon />} name={t('graph.zoomOut')} onClick={() => view.zoom(1 / kCloser)} />
        <Tool icon={<ExpandArrowsAltIcon />} name={t('graph.fit')} onClick={view.fit} off={view.whole} />
        <Tool icon={<SyncAltIcon />} name={t('graph.arrange')} onClick={arrange} off={!touched} />
        {shown.boxes.length > 0 && (
          <Tool
            icon={<CompressArrowsAltIcon />}
            name={t('graph.closeBoxes')}
            onClick={() => onFoldAll([...shown.boxes.map((one) => one.id), ...shown.members.keys()])}
            testId="close-boxes"
          />
        )}
        {shown.members.size > 0 && <Tool icon={<PlusSquareIcon />} name={t('graph.openBoxes')} onClick={() => onFoldAll([])} testId="open-boxes" />}
      </div>
      <svg
        ref={svg}
        role="group"
        tabIndex={0}
        aria-label={t('graph.picture', { nodes: number(shown.nodes.length), edges: number(shown.edges.length) })}
        viewBox={`${area.x} ${area.y} ${area.width} ${area.height}`}
        className={`ms-graph-picture${stepping ? ' ms-stepping' : ''}`}
        style={{ aspectRatio: view.form }}
        data-testid="graph"
        onPointerDown={pointerDown}
        onPointerMove={pointerMove}
        onPointerUp={pointerUp}
        onPointerCancel={pointerUp}
        onKeyDown={keys}
        onFocus={focused}
      >
        <defs>
          <marker id="ms-arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse">
            <path d="M 0 0 L 10 5 L 0 10 z" className="ms-arrow" />
          </marker>
        </defs>
        {[...frames].map(([id, frame]) => {
          const box = shown.boxes.find((one) => one.id === id);
          return box && <FrameShape key={id} box={box} frame={frame} chosen={chosen.node === id} onChoose={() => onNode(id)} onClose={() => onFold(id)} />;
        })}
        {shown.edges.map((edge) => {
          const from = places.get(edge.source);
          const to = places.get(edge.target);
          if (!from || !to) return null;
          const traffic = trafficOf(edge);
          const calls = overlay?.edges.get(edge.id) ?? [];
          return (
            <EdgeShape
              key={edge.id}
              edge={edge}
              from={from}
              to={to}
              text={edgeText(edge, label)}
              name={t('graph.edge', {
                source: names.get(edge.source) ?? '',
                target: names.get(edge.target) ?? '',
                traffic: `${traffic.protocol} ${edgeText(edge, 'rate')} ${traffic.errors > 0 ? `${traffic.errors} % ${t('graph.errors')}` : ''} ${edgeText(edge, 'responseTime')}`.trim(),
              })}
              calls={calls}
              numbers={numbers}
              current={current}
              look={{ faded: overlay !== undefined && calls.length === 0, chosen: chosen.edge === edge.id, found: found.edges.has(edge.id), now: calls.some((one) => one.spanID === current) }}
              onChoose={() => onEdge(edge.id)}
            />
          );
        })}
        {shown.nodes.map((node) => {
          const place = places.get(node.id);
          const spans = overlay?.nodes.get(node.id) ?? [];
          return place ? (
            <NodeShape
              key={node.id}
              node={node}
              place={place}
              box={node.parent === undefined ? undefined : names.get(node.parent)}
              members={shown.members.get(node.id) ?? 0}
              spans={spans.length}
              failed={spans.some((one) => one.error && (one.node === node.id || shown.members.has(node.id)))}
              look={{ faded: overlay !== undefined && spans.length === 0, chosen: chosen.node === node.id, found: found.nodes.has(node.id), now: spans.some((one) => one.spanID === current) }}
              onChoose={() => onNode(node.id)}
              onOpen={() => onFold(node.id)}
            />
          ) : null;
        })}
      </svg>
    </div>
  );
}
