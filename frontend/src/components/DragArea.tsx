import { useRef, useState, type PointerEvent, type ReactNode, type RefObject } from 'react';

const kDragged = 5; // px below which a drag is a click

// Around a picture: a drag over it says from where to where, in px from its left. `inside`: whether one may begin there. `dragged` is true
// from the first move on until the next press, so that what follows a drag is not taken for a click.
export function DragArea({ inside, onDrag, dragged, children }: {
  inside: (x: number) => boolean;
  onDrag: (from: number, to: number) => void;
  dragged: RefObject<boolean>;
  children: ReactNode;
}) {
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const own = useRef(dragged);
  const place = (event: PointerEvent<HTMLElement>) => event.clientX - event.currentTarget.getBoundingClientRect().left;
  return (
    <div
      className="ms-drag"
      onPointerDown={(event) => {
        own.current.current = false;
        if (event.button === 0 && inside(place(event))) setDrag({ from: place(event), to: place(event) });
      }}
      onPointerMove={(event) => {
        if (!drag) return;
        if (!own.current.current && Math.abs(place(event) - drag.from) >= kDragged) {
          own.current.current = true;
          event.currentTarget.setPointerCapture(event.pointerId);
        }
        setDrag({ ...drag, to: place(event) });
      }}
      onPointerUp={() => {
        if (drag && own.current.current) onDrag(drag.from, drag.to);
        setDrag(null);
      }}
      onPointerCancel={() => setDrag(null)}
    >
      {children}
      {drag && own.current.current && <span className="ms-drag-mark" style={{ left: Math.min(drag.from, drag.to), width: Math.abs(drag.to - drag.from) }} />}
    </div>
  );
}
