import { useMemo } from 'react';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { Link } from 'react-router';
import { useWholeTrace } from '@/api/queries';
import type { TraceRows } from '@/api/schema.gen';
import { Failure, Loading } from '@/components/states';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { eventsOf, workloadsOf, type TraceEvent } from '@/lib/traceEvents';
import { subjectPath } from '@/lib/urls';
import { TraceLines } from './TraceLines';

const kAround = 30_000; // ms before and after the trace
const kMost = 500;

// The lines of each workload that took part, around the trace.
function Lines({ rows }: { rows: TraceRows }) {
  const t = useT();
  const range = { from: String(Math.floor(rows.startTime / 1000) - kAround), to: String(Math.ceil((rows.startTime + rows.duration) / 1000) + kAround) };
  const workloads = useMemo(() => workloadsOf(rows.spans), [rows.spans]);
  if (workloads.length === 0) return <p className="ms-reason">{t('traceLogs.nobody')}</p>;
  return (
    <ul className="ms-row" data-testid="trace-lines">
      {workloads.map(({ namespace, workload }) => (
        <li key={`${namespace}/${workload}`}>
          <Link to={`${subjectPath('workloads', namespace, workload)}?${new URLSearchParams({ tab: 'logs', mark: rows.traceID, ...range }).toString()}`}>
            {workload}
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Events({ events, onChoose }: { events: readonly TraceEvent[]; onChoose: (spanId: string) => void }) {
  const t = useT();
  const { number } = useFormats();
  if (events.length === 0) return <p className="ms-reason" data-testid="no-events">{t('traceLogs.noEvents')}</p>;
  return (
    <>
      <Table aria-label={t('traceLogs.events')} variant="compact">
        <Thead>
          <Tr>
            <Th modifier="nowrap">{t('table.start')}</Th>
            <Th>{t('traceLogs.span')}</Th>
            <Th>{t('traceLogs.event')}</Th>
          </Tr>
        </Thead>
        <Tbody>
          {events.slice(0, kMost).map((one, at) => (
            <Tr key={`${at} ${one.spanId}`} data-testid="trace-event">
              <Td dataLabel={t('table.start')} modifier="nowrap">{formatDuration(one.after)}</Td>
              <Td dataLabel={t('traceLogs.span')}>
                <button type="button" className="ms-link" onClick={() => onChoose(one.spanId)}>
                  {one.operation}
                </button>
                <small className="ms-id">{one.service}</small>
              </Td>
              <Td dataLabel={t('traceLogs.event')} className="ms-value">
                {one.fields.map((field) => (
                  <div key={field.key}>
                    <strong>{field.key}</strong> {String(field.value)}
                  </div>
                ))}
              </Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
      {events.length > kMost && <p className="ms-reason">{t('traceLogs.cut', { shown: number(kMost), count: number(events.length) })}</p>}
    </>
  );
}

// What was written while the trace went on: where its workloads' lines are, and the events of its spans.
export function TraceLogs({ rows, onChoose }: { rows: TraceRows; onChoose: (spanId: string) => void }) {
  const t = useT();
  const whole = useWholeTrace(rows.traceID, true);
  const events = useMemo(() => (whole.data ? eventsOf(whole.data.data, rows.startTime) : []), [whole.data, rows.startTime]);
  return (
    <div data-testid="trace-logs">
      <h2 className="ms-h2">{t('traceLogs.lines')}</h2>
      <Lines rows={rows} />
      <TraceLines rows={rows} />
      <h2 className="ms-h2">{t('traceLogs.events')}</h2>
      {whole.data ? (
        <Events events={events} onChoose={onChoose} />
      ) : whole.error ? (
        <Failure title={t('span.tagsFailed')} error={whole.error} retry={() => void whole.refetch()} />
      ) : (
        <Loading rows={3} />
      )}
    </div>
  );
}
