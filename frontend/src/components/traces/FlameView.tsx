import { useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { Button } from '@patternfly/react-core';
import type { SpanFacts } from '@/api/schema.gen';
import { useUrlState } from '@/app/urlState';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { around, flames, type Flame } from '@/lib/flame';
import { serviceColor } from '@/lib/serviceColors';

const kRow = 24;
const kNarrow = 0.15; // percent of the width below which a frame is not drawn
const kMost = 3000;

// The trace as frames: what does the same below the same parent is one. Statistics say the same as a table.
export function FlameView({ spans, onChoose }: { spans: readonly SpanFacts[]; onChoose: (spanId: string) => void }) {
  const t = useT();
  const { number } = useFormats();
  const { text, push } = useUrlState();
  const chosen = text('flame');
  const frames = useMemo(() => flames(spans), [spans]);
  const { root, frames: near } = useMemo(() => around(frames, chosen), [frames, chosen]);
  const from = root?.left ?? 0;
  const width = Math.max(1, root?.total ?? frames.filter((one) => one.depth === 0).reduce((sum, one) => sum + one.total, 0));
  const shown = near
    .map((one) => {
      const above = root !== undefined && one.depth < root.depth;
      return { one, left: above ? 0 : (100 * (one.left - from)) / width, width: above ? 100 : (100 * one.total) / width };
    })
    .filter((place) => place.width >= kNarrow)
    .slice(0, kMost);
  const [current, setCurrent] = useState('');
  const holder = useRef<HTMLDivElement>(null);
  const at = Math.max(0, shown.findIndex((place) => place.one.id === current));
  const shortly = (one: Flame) => `${one.count > 1 ? `${one.count} × ` : ''}${one.service?.split('.')[0] ?? ''} ${one.operation}`;
  const said = (one: Flame) =>
    t('flame.frame', { frame: shortly(one), total: formatDuration(one.total), count: number(one.count), errors: number(one.errors) });
  const move = (event: KeyboardEvent) => {
    const here = shown[at];
    if (!here) return;
    const beside = (step: number) => {
      const row = shown.filter((place) => place.one.depth === here.one.depth);
      return row[row.indexOf(here) + step];
    };
    const moves: Record<string, () => typeof here | undefined> = {
      ArrowDown: () => shown.find((place) => place.one.parent === here.one.id),
      ArrowUp: () => shown.find((place) => place.one.id === here.one.parent),
      ArrowRight: () => beside(1),
      ArrowLeft: () => beside(-1),
    };
    const next = moves[event.key]?.();
    if (!next) return;
    event.preventDefault();
    setCurrent(next.one.id);
    holder.current?.querySelectorAll<HTMLElement>('button')[shown.indexOf(next)]?.focus();
  };
  const deepest = shown.reduce((most, place) => Math.max(most, place.one.depth), 0);
  return (
    <div data-testid="flame">
      <div className="ms-row">
        <Button variant="link" isInline isDisabled={!root} onClick={() => push({ flame: null })}>
          {t('flame.reset')}
        </Button>
        {shown[at] && (
          <Button variant="link" isInline onClick={() => onChoose(shown[at]?.one.spanId ?? '')}>
            {t('flame.show')}
          </Button>
        )}
        <span className="ms-reason">{shown[at] ? said(shown[at].one) : ''}</span>
      </div>
      <div ref={holder} className="ms-flame" role="group" aria-label={t('flame.label', { count: number(frames.length) })} onKeyDown={move} style={{ height: (deepest + 1) * kRow }}>
        {shown.map((place, index) => (
          <button
            key={place.one.id}
            type="button"
            tabIndex={index === at ? 0 : -1}
            data-testid="flame-frame"
            aria-label={said(place.one)}
            title={said(place.one)}
            style={{ left: `${place.left}%`, width: `${place.width}%`, top: place.one.depth * kRow, height: kRow - 2, borderColor: serviceColor(place.one.service) }}
            className={place.one.errors > 0 ? 'ms-flame-bad' : ''}
            onFocus={() => setCurrent(place.one.id)}
            onClick={() => push((now) => ({ flame: now.flipped('flame', place.one.id) }))}
          >
            {shortly(place.one)}
          </button>
        ))}
      </div>
    </div>
  );
}
