import { useEffect, useRef, useState, type PointerEvent } from 'react';
import type { SpanFacts } from '@/api/schema.gen';
import { useColors } from '@/components/useColors';
import { useT } from '@/i18n';
import { serviceColor } from '@/lib/serviceColors';
import type { View } from '@/lib/view';

const kHeight = 64;

// Every span as a line, and the window of time that the rows show. Dragging chooses another; the keys of the rows do the same.
export function Minimap({ spans, duration, view, onView }: {
  spans: readonly SpanFacts[];
  duration: number;
  view: View;
  onView: (view: View) => void;
}) {
  const t = useT();
  const colors = useColors();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return undefined;
    const draw = () => {
      const ratio = window.devicePixelRatio || 1;
      const width = element.clientWidth;
      element.width = width * ratio;
      element.height = kHeight * ratio;
      const pen = element.getContext('2d');
      if (!pen) return;
      pen.scale(ratio, ratio);
      pen.clearRect(0, 0, width, kHeight);
      const line = Math.min(6, Math.max(1, kHeight / Math.max(1, spans.length)));
      spans.forEach((span, at) => {
        pen.globalAlpha = 0.85;
        pen.fillStyle = span.error ? colors.badChosen : serviceColor(span.service);
        const left = (width * span.relativeStart) / Math.max(1, duration);
        pen.fillRect(left, (at * kHeight) / Math.max(1, spans.length), Math.max(1.5, (width * span.duration) / Math.max(1, duration)), line);
      });
    };
    draw();
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    return () => observer.disconnect();
  }, [spans, duration, colors]);
  const place = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * duration;
  };
  const shown = drag ? { from: Math.min(drag.from, drag.to), to: Math.max(drag.from, drag.to) } : view;
  const percent = (at: number) => (100 * at) / Math.max(1, duration);
  return (
    <div
      className="ms-minimap"
      role="img"
      aria-label={t('trace.minimap')}
      data-testid="minimap"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ from: place(event), to: place(event) });
      }}
      onPointerMove={(event) => drag && setDrag({ ...drag, to: place(event) })}
      onPointerUp={() => {
        if (drag && Math.abs(drag.to - drag.from) > duration / 200) onView(shown);
        setDrag(null);
      }}
      onDoubleClick={() => onView({ from: 0, to: duration })}
    >
      <canvas ref={canvas} />
      <span className="ms-shade" style={{ left: 0, width: `${percent(shown.from)}%` }} />
      <span className="ms-shade" style={{ left: `${percent(shown.to)}%`, right: 0 }} />
    </div>
  );
}
