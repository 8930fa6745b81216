import type { KeyboardEvent } from 'react';
import type { GraphEdge, GraphNode } from '@/api/schema.gen';
import { useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { badgesOf, healthOf } from '@/lib/graphBadges';
import type { Frame, Point } from '@/lib/graphBoxes';
import { edgeState, nodeName } from '@/lib/graphView';
import { BadgeRow, HealthEdge } from './badges';

export const kSizes = { node: { width: 170, height: 46 }, gap: { x: 260, y: 76 }, pad: 14, head: 30 };
const kNode = kSizes.node;

const pressed = (event: KeyboardEvent, act: () => void) => {
  if (event.key !== 'Enter' && event.key !== ' ') return;
  event.preventDefault();
  act();
};

const looks = (base: string, more: Record<string, boolean>) => [base, ...Object.keys(more).filter((name) => more[name])].join(' ');

// From the right side of the caller to the left side of the called; what leads back goes around below.
function pathOf(from: Point, to: Point): { d: string; x: number; y: number } {
  const x1 = from.x + kNode.width;
  const y1 = from.y + kNode.height / 2;
  const x2 = to.x;
  const y2 = to.y + kNode.height / 2;
  if (x2 > x1) {
    const bend = (x2 - x1) / 2;
    return { d: `M ${x1} ${y1} C ${x1 + bend} ${y1}, ${x2 - bend} ${y2}, ${x2} ${y2}`, x: (x1 + x2) / 2, y: (y1 + y2) / 2 };
  }
  const low = Math.max(y1, y2) + kNode.height + 10;
  return { d: `M ${x1} ${y1} C ${x1 + 70} ${low}, ${x2 - 70} ${low}, ${x2} ${y2}`, x: (x1 + x2) / 2, y: (y1 + y2) / 8 + low * 0.75 };
}

export type Call = { spanID: string; duration: number; error: boolean };
export type Look = { faded: boolean; chosen: boolean; found: boolean; now: boolean };

const kPlates = 3; // calls that an edge names

export function EdgeShape({ edge, from, to, text, name, calls, numbers, current, look, onChoose }: {
  edge: GraphEdge;
  from: Point;
  to: Point;
  text: string;
  name: string;
  calls: readonly Call[];
  numbers: ReadonlyMap<string, number>;
  current: string; // the call that is looked at
  look: Look;
  onChoose: () => void;
}) {
  const t = useT();
  const path = pathOf(from, to);
  const failed = calls.some((one) => one.error);
  const one = calls.find((call) => call.spanID === current);
  const said = (one ? [one] : calls.slice(0, kPlates)).map((call) => `${numbers.get(call.spanID) ?? '·'}: ${formatDuration(call.duration)}${call.error ? ' ✕' : ''}`);
  const label = calls.length > 0 ? said.join('  ') + (!one && calls.length > kPlates ? ' …' : '') : text;
  const spoken = [name, label !== '' && !name.includes(label) && label, look.found && t('graph.isFound')].filter(Boolean).join('; ');
  return (
    <g className={looks(`ms-edge ms-edge-${edgeState(edge)}`, { 'ms-chosen': look.chosen, 'ms-faded': look.faded, 'ms-is-found': look.found })} onClick={onChoose}>
      {calls.length > 0 && <path d={path.d} className={looks('ms-over', { 'ms-over-bad': failed, 'ms-over-now': look.now })} />}
      {look.found && <path d={path.d} className="ms-edge-found" />}
      <path
        d={path.d}
        className="ms-edge-wide"
        role="button"
        tabIndex={0}
        aria-label={spoken}
        aria-pressed={look.chosen}
        data-testid="graph-edge"
        data-calls={calls.length}
        data-found={look.found}
        onKeyDown={(event) => pressed(event, onChoose)}
      />
      <path d={path.d} className="ms-edge-line" markerEnd="url(#ms-arrow)" />
      {label !== '' && (
        <g aria-hidden>
          <rect x={path.x - label.length * 3.3 - 4} y={path.y - 9} width={label.length * 6.6 + 8} height={18} rx={4} className={`ms-edge-plate${failed ? ' ms-plate-bad' : ''}`} />
          <text x={path.x} y={path.y + 4} textAnchor="middle" data-testid="edge-label">
            {label}
          </text>
        </g>
      )}
    </g>
  );
}

// A small button in the picture that opens or closes a box.
function FoldButton({ x, y, open, name, onFold }: { x: number; y: number; open: boolean; name: string; onFold: () => void }) {
  const t = useT();
  return (
    <g transform={`translate(${x} ${y})`} className="ms-fold">
      <rect width={18} height={18} rx={4} className="ms-fold-body" aria-hidden />
      <path d={open ? 'M4 9H14' : 'M4 9H14M9 4V14'} aria-hidden />
      <rect
        width={18}
        height={18}
        rx={4}
        className="ms-fold-hit"
        role="button"
        tabIndex={0}
        aria-label={t(open ? 'graph.closeBox' : 'graph.openBox', { name })}
        aria-expanded={open}
        data-testid="graph-fold"
        data-fold={name}
        onClick={onFold}
        onKeyDown={(event) => pressed(event, onFold)}
      />
    </g>
  );
}

export function NodeShape({ node, place, box, members, spans, failed, look, onChoose, onOpen }: {
  node: GraphNode;
  place: Point;
  box: string | undefined; // the name of the one around it
  members: number; // of a box that is closed
  spans: number;
  failed: boolean;
  look: Look;
  onChoose: () => void;
  onOpen: () => void;
}) {
  const t = useT();
  const name = nodeName(node) || t('detail.none');
  const closed = node.nodeType === 'box';
  const where = closed ? t(`graph.box.${node.isBox ?? 'app'}`, { name }) : t('graph.node', { name, namespace: node.namespace });
  const badges = badgesOf(node);
  const health = healthOf(node);
  const spoken = [
    where,
    closed && t('graph.members', { count: members }),
    box && t('graph.inBox', { name: box }),
    health && health !== 'NA' && t(`health.${health}`),
    ...badges.map((badge) => t(`graph.badge.${badge}`)),
    spans > 0 && t('graph.onNode', { count: spans }),
    look.found && t('graph.isFound'),
  ];
  const below = closed ? t('graph.members', { count: members }) : node.namespace;
  const mark = closed ? '' : node.nodeType === 'service' ? 'S' : node.nodeType === 'app' ? 'A' : node.nodeType === 'workload' ? 'W' : '?';
  return (
    <g
      transform={`translate(${place.x} ${place.y})`}
      className={looks('ms-node', { 'ms-chosen': look.chosen, 'ms-faded': look.faded, 'ms-outside': node.isOutside === true, 'ms-is-found': look.found })}
    >
      <g aria-hidden>
        {spans > 0 && (
          <rect x={-8} y={-8} width={kNode.width + 16} height={kNode.height + 16} rx={14} className={looks('ms-over-node', { 'ms-over-bad': failed, 'ms-over-now': look.now })} />
        )}
        {look.found && <rect x={-4} y={-4} width={kNode.width + 8} height={kNode.height + 8} rx={11} className="ms-node-found" />}
        {closed && <rect x={6} y={-5} width={kNode.width - 1} height={kNode.height} rx={8} className="ms-node-body" />}
        <rect width={kNode.width} height={kNode.height} rx={node.nodeType === 'service' ? 22 : 8} className="ms-node-body" />
        <HealthEdge health={health} height={kNode.height} round={node.nodeType === 'service'} />
        <text x={14} y={28} className="ms-node-mark">
          {mark}
        </text>
        <text x={32} y={20} className="ms-node-name">
          {name.length > 20 ? `${name.slice(0, 19)}…` : name}
        </text>
        <text x={32} y={36} className="ms-node-where">
          {below.length > 22 ? `${below.slice(0, 21)}…` : below}
        </text>
        <BadgeRow badges={badges} width={kNode.width} />
      </g>
      <rect
        width={kNode.width}
        height={kNode.height}
        rx={8}
        className="ms-node-hit"
        role="button"
        tabIndex={0}
        aria-label={spoken.filter(Boolean).join('; ')}
        aria-pressed={look.chosen}
        data-testid="graph-node"
        data-node={node.id}
        data-name={name}
        data-spans={spans}
        data-found={look.found}
        onClick={onChoose}
        onKeyDown={(event) => pressed(event, onChoose)}
      >
        <title>{spoken.filter(Boolean).join('; ')}</title>
      </rect>
      {closed && <FoldButton x={9} y={14} open={false} name={where} onFold={onOpen} />}
    </g>
  );
}

// Around what has something in common; its name can be chosen, and it can be closed.
export function FrameShape({ box, frame, chosen, onChoose, onClose }: { box: GraphNode; frame: Frame; chosen: boolean; onChoose: () => void; onClose: () => void }) {
  const t = useT();
  const name = nodeName(box);
  const said = t(`graph.box.${box.isBox ?? 'app'}`, { name });
  const most = Math.floor((frame.width - 40) / 7);
  return (
    <g transform={`translate(${frame.x} ${frame.y})`} className={looks(`ms-frame ms-frame-${box.isBox ?? 'app'}`, { 'ms-chosen': chosen })}>
      <rect width={frame.width} height={frame.height} rx={10} className="ms-frame-body" aria-hidden />
      <text x={30} y={19} aria-hidden>
        {said.length > most ? `${said.slice(0, Math.max(1, most - 1))}…` : said}
      </text>
      <rect
        x={26}
        y={3}
        width={Math.max(8, Math.min(frame.width - 30, said.length * 7 + 12))}
        height={22}
        rx={6}
        className="ms-frame-hit"
        role="button"
        tabIndex={0}
        aria-label={said}
        aria-pressed={chosen}
        data-testid="graph-box"
        data-box={`${box.isBox ?? ''} ${name}`}
        onClick={onChoose}
        onKeyDown={(event) => pressed(event, onChoose)}
      >
        <title>{said}</title>
      </rect>
      <FoldButton x={6} y={5} open name={said} onFold={onClose} />
    </g>
  );
}
