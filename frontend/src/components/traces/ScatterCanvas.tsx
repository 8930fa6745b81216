import { useEffect, useLayoutEffect, useMemo, useRef, useState, type MouseEvent } from 'react';
import { DragArea } from '@/components/DragArea';
import type { useColors } from '@/components/useColors';
import { formatDuration } from '@/lib/duration';
import type { Window } from '@/lib/range';
import type { Axis } from '@/lib/scatter';
import type { Summary } from '@/lib/traceSummary';
import { bubbleAt, momentAt, pictureOf, type Picture, type Series } from './scatterPicture';

type Colors = ReturnType<typeof useColors>;

function drawLines(pen: CanvasRenderingContext2D, { area, times, values }: Picture, colors: Colors): void {
  pen.strokeStyle = colors.line;
  pen.lineWidth = 1;
  pen.beginPath();
  for (const tick of values) {
    pen.moveTo(area.left, Math.round(tick.at) + 0.5);
    pen.lineTo(area.right, Math.round(tick.at) + 0.5);
  }
  for (const tick of times) {
    pen.moveTo(Math.round(tick.at) + 0.5, area.bottom);
    pen.lineTo(Math.round(tick.at) + 0.5, area.bottom + 5);
  }
  pen.stroke();
}

// Over the bubbles: these may reach beyond the axes.
function drawTexts(pen: CanvasRenderingContext2D, { area, times, values }: Picture, colors: Colors, width: number, time: (ms: number) => string): void {
  pen.fillStyle = colors.text;
  pen.textBaseline = 'middle';
  pen.textAlign = 'right';
  for (const tick of values) pen.fillText(formatDuration(tick.value), area.left - 8, tick.at);
  pen.textAlign = 'center';
  for (const tick of times) {
    const text = time(tick.value);
    const half = pen.measureText(text).width / 2;
    pen.fillText(text, Math.min(tick.at, width - half), area.bottom + 17);
  }
}

function drawBubbles(pen: CanvasRenderingContext2D, { bubbles }: Picture, colors: Colors): void {
  for (const one of bubbles) {
    pen.beginPath();
    pen.arc(one.x, one.y, one.radius, 0, 2 * Math.PI);
    pen.globalAlpha = one.chosen ? 1 : 0.75;
    pen.fillStyle = one.chosen ? colors[`${one.series}Chosen`] : colors[one.series];
    pen.strokeStyle = one.chosen ? colors.text : colors[`${one.series}Chosen`];
    pen.lineWidth = one.chosen ? 3 : 1;
    pen.fill();
    pen.stroke();
  }
  pen.globalAlpha = 1;
}

// The traces as bubbles on a canvas, drawn at once however many there are. What it says stands in the table beside it: for people who do not
// see it, it is one picture.
export function ScatterCanvas({ traces, shown, axis, chosen, window, colors, time, height, label, onChoose, onHover, onDrag }: {
  traces: readonly Summary[];
  shown: Record<Series, boolean>;
  axis: Axis;
  chosen: string;
  window: Window;
  colors: Colors;
  time: (ms: number) => string;
  height: number;
  label: string;
  onChoose: (traceId: string) => void;
  onHover: (hover: { trace: Summary; x: number; y: number } | null) => void;
  onDrag: (from: number, to: number) => void; // ms
}) {
  const holder = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const dragged = useRef(false);
  const under = useRef<string | undefined>(undefined);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = holder.current;
    if (!element) return undefined;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const picture = useMemo(() => pictureOf({ traces, shown, axis, chosen, window, width, height }), [traces, shown, axis, chosen, window, width, height]);
  useEffect(() => {
    const element = canvas.current;
    const pen = element?.getContext('2d');
    if (!element || !pen || width === 0) return;
    const ratio = globalThis.devicePixelRatio || 1;
    element.width = width * ratio;
    element.height = height * ratio;
    pen.scale(ratio, ratio);
    pen.font = `12px ${getComputedStyle(element).fontFamily}`;
    drawLines(pen, picture, colors);
    drawBubbles(pen, picture, colors);
    drawTexts(pen, picture, colors, width, time);
  }, [picture, width, height, colors, time]);
  const place = (event: MouseEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const tell = (found: Summary | undefined, x: number, y: number) => {
    if (found?.traceId === under.current) return;
    under.current = found?.traceId;
    onHover(found ? { trace: found, x, y } : null);
  };
  return (
    <DragArea
      inside={(x) => x >= picture.area.left && x <= picture.area.right}
      onDrag={(from, to) => onDrag(momentAt(picture, window, from), momentAt(picture, window, to))}
      dragged={dragged}
    >
      <div
        ref={holder}
        role="img"
        aria-label={label}
        className="ms-chart"
        style={{ height }}
        data-testid="scatter"
        onMouseMove={(event) => {
          const { x, y } = place(event);
          const found = bubbleAt(picture, x, y);
          event.currentTarget.style.cursor = found ? 'pointer' : 'default';
          tell(found?.trace, x, y);
        }}
        onMouseLeave={() => tell(undefined, 0, 0)}
        onClick={(event) => {
          const { x, y } = place(event);
          const found = dragged.current ? undefined : bubbleAt(picture, x, y);
          if (found) onChoose(found.trace.traceId);
        }}
      >
        <canvas ref={canvas} style={{ display: 'block', width: '100%', height }} />
      </div>
    </DragArea>
  );
}
