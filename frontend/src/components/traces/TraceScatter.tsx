import { useEffect, useMemo, useState } from 'react';
import type { Compact } from '@/api/heatmaps';
import { useTimeRange } from '@/app/timeRange';
import { useUrlState } from '@/app/urlState';
import { HeatMini } from '@/components/heatmap/HeatMini';
import { useColors } from '@/components/useColors';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import type { Window } from '@/lib/range';
import { valueOf, type Axis } from '@/lib/scatter';
import type { Summary } from '@/lib/traceSummary';
import { draggedRange } from '@/lib/zoom';
import { ScatterCanvas } from './ScatterCanvas';
import { flippedSeries, kSeries, shownSeries, type Series } from './scatterPicture';

const kHeight = 320;
const kStay = 400; // ms that the pointer stays before anything is asked for
const kFlyout = 260; // px

function Legend({ shown, onFlip }: { shown: Record<Series, boolean>; onFlip: (series: Series) => void }) {
  const t = useT();
  return (
    <div className="ms-legend">
      {kSeries.map((series) => (
        <button key={series} type="button" aria-pressed={shown[series]} onClick={() => onFlip(series)} data-testid={`legend-${series}`}>
          <span className={`ms-dot ms-${series}`} /> {t(`traces.${series}`)}
        </button>
      ))}
    </div>
  );
}

// What is under the pointer. The table beside the chart says the same to those who have none.
function Flyout({ one, axis, hover, width, compact, onStay }: {
  one: Summary;
  axis: Axis;
  hover: { x: number; y: number };
  width: number;
  compact: Compact | null | undefined;
  onStay: ((traceId: string) => void) | undefined;
}) {
  const t = useT();
  const { dateTime } = useFormats();
  useEffect(() => {
    if (!onStay) return undefined;
    const timer = setTimeout(() => onStay(one.traceId), kStay);
    return () => clearTimeout(timer);
  }, [one.traceId, onStay]);
  const side = hover.x > width / 2 ? { right: width - hover.x + 16 } : { left: hover.x + 16 };
  return (
    <div className="ms-flyout" style={{ ...side, top: Math.min(hover.y, kHeight - 110), width: kFlyout }} aria-hidden data-testid="flyout">
      <strong>
        {one.name ?? t('traces.missingRoot')} {one.traceId.slice(0, 7)}
      </strong>
      <span data-testid="flyout-value">{formatDuration(valueOf(one, axis))}</span>
      <span>{dateTime(one.startTime / 1000)}</span>
      <span>
        {one.operations ? t('traces.spansAverage', { count: one.spans, average: formatDuration(one.spanAverage) }) : t('trace.spanCount', { count: one.spans })},{' '}
        {t('trace.errors', { count: one.errors })}
      </span>
      {onStay && <HeatMini found={compact} />}
    </div>
  );
}

// Traces by start and duration. A bubble is as large as its trace has spans; a drag chooses the time that is looked at.
export function TraceScatter({ traces, window, axis, chosen, onChoose, compact, onStay }: {
  traces: readonly Summary[];
  window: Window;
  axis: Axis;
  chosen: string;
  onChoose: (traceId: string) => void;
  compact: (traceId: string) => Compact | null | undefined;
  onStay: ((traceId: string) => void) | undefined; // the pointer stays at a trace; undefined: there is nothing to compare it with
}) {
  const t = useT();
  const { time, dateTime } = useFormats();
  const colors = useColors();
  const [, , zoom] = useTimeRange();
  const { text, replace } = useUrlState();
  const hidden = text('hide');
  const shown = useMemo(() => shownSeries(hidden), [hidden]);
  const flip = (series: Series) => replace((now) => ({ hide: flippedSeries(now.text('hide'), series) }));
  const [hover, setHover] = useState<{ trace: Summary; x: number; y: number } | null>(null);
  const [holder, setHolder] = useState<HTMLDivElement | null>(null);
  const under = hover?.trace;
  return (
    <div>
      <Legend shown={shown} onFlip={flip} />
      <div className="ms-under-flyout" ref={setHolder}>
        <ScatterCanvas
          traces={traces}
          shown={shown}
          axis={axis}
          chosen={chosen}
          window={window}
          colors={colors}
          time={time}
          height={kHeight}
          label={t('traces.chart', { from: dateTime(window.startMicros / 1000), to: dateTime(window.endMicros / 1000), count: traces.length })}
          onChoose={onChoose}
          onHover={setHover}
          onDrag={(from, to) => {
            const range = draggedRange(from, to, window.startMicros, window.endMicros);
            if (range) zoom(range);
          }}
        />
        {hover && under && (
          <Flyout key={under.traceId} one={under} axis={axis} hover={hover} width={holder?.clientWidth ?? 0} compact={compact(under.traceId)} onStay={onStay} />
        )}
      </div>
    </div>
  );
}
