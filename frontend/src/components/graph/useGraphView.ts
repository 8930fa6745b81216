import { useEffect, useRef, useState, type RefObject } from 'react';
import { useUrlState } from '@/app/urlState';
import { fitted, parseView, showView, within, zoomedAt, type Area } from '@/lib/graphArea';
import type { Point } from '@/lib/graphBoxes';

const kSettled = 300; // ms without a movement until the address says where one is

export type GraphView = {
  area: Area; // what is seen, in the units of the picture
  whole: boolean; // as much as there is
  form: number; // of the whole: width to height
  zoom: (factor: number, around?: Point) => void;
  pan: (dx: number, dy: number) => void; // in those units
  fit: () => void;
  show: (place: Area) => void; // nothing when it is in sight
  toPicture: (clientX: number, clientY: number) => Point;
  scale: () => number; // units of the picture in a pixel
};

// Which part of the picture is seen: the whole of it until somebody moves or zooms. The address keeps it, under this name.
export function useGraphView(svg: RefObject<SVGSVGElement | null>, bounds: Area, parameter = 'view'): GraphView {
  const { text, replace } = useUrlState();
  const kept = text(parameter);
  // What the address does not say yet: undefined nothing, null the whole. In a ref too, as movements come faster than pages are drawn.
  const [live, setLive] = useState<Area | null>();
  const latest = useRef<Area | null>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const put = (next: Area | null | undefined) => {
    latest.current = next;
    setLive(next);
  };
  useEffect(() => {
    if (timer.current === undefined) put(undefined);
  }, [kept]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const all = fitted(bounds);
  const parsed = parseView(kept, all);
  const given = parsed && within(parsed, all) ? parsed : undefined;
  const moved = live === undefined ? given : (live ?? undefined);
  const area = moved ?? all;
  const now = () => (latest.current === undefined ? area : (latest.current ?? all));
  const set = (next: Area | null) => {
    put(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      timer.current = undefined;
      replace({ [parameter]: next ? showView(next) : null });
    }, kSettled);
  };
  const scale = () => {
    const matrix = svg.current?.getScreenCTM();
    return matrix ? 1 / matrix.a : 1;
  };
  return {
    area,
    whole: moved === undefined,
    form: all.width / all.height,
    zoom: (factor, around) => set(zoomedAt(now(), factor, around, all)),
    pan: (dx, dy) => {
      const here = now();
      set({ ...here, x: here.x + dx, y: here.y + dy });
    },
    fit: () => set(null),
    show: (place) => {
      const here = now();
      const seen = place.x >= here.x && place.y >= here.y && place.x + place.width <= here.x + here.width && place.y + place.height <= here.y + here.height;
      if (!seen) set({ ...here, x: place.x + place.width / 2 - here.width / 2, y: place.y + place.height / 2 - here.height / 2 });
    },
    toPicture: (clientX, clientY) => {
      const matrix = svg.current?.getScreenCTM()?.inverse();
      const point = new DOMPoint(clientX, clientY).matrixTransform(matrix);
      return { x: point.x, y: point.y };
    },
    scale,
  };
}
