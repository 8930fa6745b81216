import * as analysis from './messages/analysis';
import * as detail from './messages/detail';
import * as explain from './messages/explain';
import * as forensics from './messages/forensics';
import * as graph from './messages/graph';
import * as graphMarks from './messages/graphMarks';
import * as heatmap from './messages/heatmap';
import * as logs from './messages/logs';
import * as metrics from './messages/metrics';
import * as overview from './messages/overview';
import * as reconcile from './messages/reconcile';
import * as search from './messages/search';
import * as shell from './messages/shell';
import * as similar from './messages/similar';
import * as states from './messages/states';
import * as traceFile from './messages/traceFile';
import * as traces from './messages/traces';

// Every text of the console by its key. A new area of pages is a file of its own and two lines here; `de` has the type of `en`,
// so a text that is missing does not compile.
export const english = {
  ...shell.en, ...states.en, ...traces.en, ...detail.en, ...logs.en, ...heatmap.en, ...metrics.en, ...graph.en, ...analysis.en, ...similar.en, ...explain.en, ...overview.en, ...graphMarks.en, ...search.en, ...forensics.en, ...reconcile.en, ...traceFile.en,
};
export const german: typeof english = {
  ...shell.de, ...states.de, ...traces.de, ...detail.de, ...logs.de, ...heatmap.de, ...metrics.de, ...graph.de, ...analysis.de, ...similar.de, ...explain.de, ...overview.de, ...graphMarks.de, ...search.de, ...forensics.de, ...reconcile.de, ...traceFile.de,
};

export type MessageKey = keyof typeof english;
export type Language = 'en' | 'de' | 'en-XA';
export const kLanguages: ReadonlyArray<{ id: Language; name: string }> = [
  { id: 'en', name: 'English' },
  { id: 'de', name: 'Deutsch' },
  { id: 'en-XA', name: 'Pseudo' },
];

export type Values = Record<string, string | number>;

const kAccents: Record<string, string> = {
  a: 'á', b: 'ƀ', c: 'ç', d: 'ð', e: 'é', f: 'ƒ', g: 'ĝ', h: 'ĥ', i: 'í', j: 'ĵ', k: 'ķ', l: 'ļ', m: 'ɱ', n: 'ñ', o: 'ó', p: 'þ', q: 'ʠ',
  r: 'ŕ', s: 'š', t: 'ţ', u: 'ú', v: 'ṽ', w: 'ŵ', x: 'ẋ', y: 'ý', z: 'ž',
};

// Shows every text that did not come through here: what is translated has accents, brackets and a third more letters.
export function pseudo(text: string): string {
  const accented = text.replaceAll(/\{\w+\}|[a-z]/g, (part) => kAccents[part] ?? part);
  return `[${accented}${'·'.repeat(Math.ceil(text.length / 3))}]`;
}

export function translate(language: Language, key: MessageKey, values: Values = {}): string {
  const text = language === 'de' ? german[key] : language === 'en-XA' ? pseudo(english[key]) : english[key];
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}
