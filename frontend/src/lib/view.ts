export type View = { from: number; to: number }; // µs since the start of the trace

// What the address says of how one trace is looked at: another trace begins anew.
export const kNewLook = { spanId: null, window: null, folded: null, flame: null, rows: null } as const;

// The window moved by a share of its width, kept inside of the trace.
export function moved(view: View, share: number, duration: number): View {
  const width = view.to - view.from;
  const from = Math.min(Math.max(0, view.from + share * width), duration - width);
  return { from, to: from + width };
}

// The window with another width around its middle: at least 1 % of the trace, at most all of it.
export function zoomed(view: View, factor: number, duration: number): View {
  const width = Math.min(duration, Math.max(duration / 100, (view.to - view.from) * factor));
  const middle = (view.from + view.to) / 2;
  const from = Math.min(Math.max(0, middle - width / 2), duration - width);
  return { from, to: from + width };
}

// The window as the address has it, whole µs; null: all of the trace.
export const windowText = (view: View, duration: number): string | null =>
  view.from <= 0 && view.to >= duration ? null : `${Math.round(view.from)}-${Math.round(view.to)}`;

// Out of the address; all of the trace when it names no part of it.
export function readWindow(text: string, duration: number): View {
  const [, from, to] = (/^(\d{1,15})-(\d{1,15})$/.exec(text) ?? []).map(Number);
  const good = from !== undefined && to !== undefined && from < to && to <= duration;
  return good ? { from, to } : { from: 0, to: duration };
}

// The window in the address after a change of it.
export const changedWindow = (text: string, duration: number, change: (now: View) => View): string | null =>
  windowText(change(readWindow(text, duration)), duration);
