import { useCallback, useMemo, useState } from 'react';
import { Title } from '@patternfly/react-core';
import { Link } from 'react-router';
import type { TraceSummary } from '@/api/schema.gen';
import { useUrlState } from '@/app/urlState';
import { useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { shortHost } from '@/lib/names';
import { keepShared } from '@/lib/urls';
import { changedWindow, readWindow } from '@/lib/view';
import { TraceGate } from './TraceView';
import { useFolding } from './useFolding';
import { useTraceRows } from './useTraceRows';
import { Waterfall } from './Waterfall';

const kHeight = 420;
const kNoSight = { from: 0, to: 0 };

function Side({ title, one, scale, parameter }: { title: string; one: TraceSummary; scale: number; parameter: 'spanA' | 'spanB' }) {
  const t = useT();
  const { search, text, flag, push, replace } = useUrlState();
  const folding = useFolding(parameter === 'spanA' ? 'foldedA' : 'foldedB');
  const [sight, setSight] = useState(kNoSight);
  const rows = useTraceRows(one.traceID, folding.folded, sight);
  const look = useCallback((from: number, to: number) => setSight((before) => (before.from === from && before.to === to ? before : { from, to })), []);
  const choose = useCallback((spanId: string) => push({ [parameter]: spanId }), [push, parameter]);
  const chosen = text(parameter);
  const windowed = text('window');
  const view = useMemo(() => readWindow(windowed, scale), [windowed, scale]);
  const name = `${title}: ${shortHost(one.rootOperation ?? t('traces.missingRoot'))}`;
  return (
    <section aria-label={name} data-testid={`side-${parameter}`}>
      <Title headingLevel="h3" size="md">
        {name}, {formatDuration(one.duration)}
      </Title>
      <TraceGate traceId={one.traceID} rows={rows}>
        {() => (
          <Waterfall
            rows={rows}
            folding={folding}
            label={name}
            duration={scale}
            view={view}
            chosen={chosen}
            find={text('find')}
            critical={flag('critical')}
            height={kHeight}
            onView={(change) => replace((now) => ({ window: changedWindow(now.text('window'), scale, change) }))}
            onChoose={choose}
            onStep={(next) => push((now) => ({ [parameter]: next(now.text(parameter)) }))}
            onFind={(find) => replace({ find })}
            onCritical={(on) => replace({ critical: on ? 'true' : null })}
            onSight={look}
          />
        )}
      </TraceGate>
      {chosen !== '' && <Link to={keepShared(`/traces/${one.traceID}`, search, { spanId: chosen })}>{t('compare.span')}</Link>}
    </section>
  );
}

// Two traces one beside the other, both in the time of the longer one.
export function PairedWaterfalls({ a, b }: { a: TraceSummary; b: TraceSummary }) {
  const t = useT();
  const scale = Math.max(a.duration, b.duration);
  return (
    <div className="ms-pair" data-testid="pair">
      <Side title={t('compare.first')} one={a} scale={scale} parameter="spanA" />
      <Side title={t('compare.second')} one={b} scale={scale} parameter="spanB" />
    </div>
  );
}
