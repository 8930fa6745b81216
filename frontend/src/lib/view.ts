type View = { from: number; to: number };

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
