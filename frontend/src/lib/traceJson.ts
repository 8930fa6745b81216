import type { Trace } from '@/api/schema.gen';

const kWhole = 5000; // spans up to which all of a trace is written down
const kSome = 200;
const kLines = 2000;

export type Written = {
  text: string | undefined; // all of it; undefined: too large to be written down here
  shown: string;
  lines: { shown: number; count: number } | undefined; // undefined: nothing is left out
};

// A trace as text to read: the first lines of it, and of a very large one those of its first spans.
export function written(trace: Trace): Written {
  const whole = trace.spans.length <= kWhole;
  const text = JSON.stringify(whole ? trace : { ...trace, spans: trace.spans.slice(0, kSome) }, null, 2);
  const lines = text.split('\n');
  const cut = lines.length > kLines;
  return {
    text: whole ? text : undefined,
    shown: cut ? lines.slice(0, kLines).join('\n') : text,
    lines: whole && cut ? { shown: kLines, count: lines.length } : undefined,
  };
}
