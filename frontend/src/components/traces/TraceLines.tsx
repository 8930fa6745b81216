import { useMemo } from 'react';
import { Alert } from '@patternfly/react-core';
import { useTraceLines } from '@/api/traceLines';
import type { TraceRows } from '@/api/schema.gen';
import { useUrlState } from '@/app/urlState';
import { ExplainedLine } from '@/components/logs/AccessDialog';
import { LogPane } from '@/components/logs/LogPane';
import { Panel } from '@/components/states';
import { useFormats, useT } from '@/i18n';
import { lineName } from '@/lib/logs';
import { linesOf, type LinesOf } from '@/lib/traceLines';

const nothing = () => undefined; // all lines are of one request
const noSpan = () => ''; // there are lines only

function Found({ of }: { of: LinesOf }) {
  const t = useT();
  const { number } = useFormats();
  const { push } = useUrlState();
  const query = useTraceLines(of);
  return (
    <Panel query={query} title={t('traceLogs.linesFailed')}>
      {({ entries, failed }) => (
        <div className="ms-trace-lines">
          {failed.length > 0 && (
            <Alert isInline isPlain variant="warning" title={t('traceLogs.linesFailed')} data-testid="lines-failed">
              {failed.map((one) => (
                <div key={one.name}>{t('traceLogs.linesOf', one)}</div>
              ))}
            </Alert>
          )}
          {of.owners.length < of.all && <p className="ms-reason">{t('traceLogs.workloads', { shown: number(of.owners.length), count: number(of.all) })}</p>}
          {entries.length === 0 ? (
            <p className="ms-reason" data-testid="no-lines">{t('traceLogs.noLines', { count: number(of.owners.length - failed.length) })}</p>
          ) : (
            <LogPane entries={entries} mark="" search={undefined} whose onMark={nothing} onFields={(entry) => push({ line: lineName(entry) })} spanPath={noSpan} />
          )}
          <ExplainedLine entries={entries} />
        </div>
      )}
    </Panel>
  );
}

// The lines that workloads wrote for the request of the trace.
export function TraceLines({ rows }: { rows: TraceRows }) {
  const t = useT();
  const of = useMemo(() => linesOf(rows), [rows]);
  if (!of) return <p className="ms-reason">{t('traceLogs.noRequest')}</p>;
  return (
    <section aria-label={t('traceLogs.request', { id: of.requestId })} data-testid="request-lines">
      <h3 className="ms-reason">{t('traceLogs.request', { id: of.requestId })}</h3>
      <Found of={of} />
    </section>
  );
}
