import { useMemo } from 'react';
import { Alert, Button, Label } from '@patternfly/react-core';
import { useFollowedLogs, useLogs } from '@/api/logs';
import { useTracingInfo } from '@/api/queries';
import type { LogSource } from '@/api/schema.gen';
import { useTimeRange } from '@/app/timeRange';
import { useUrlState } from '@/app/urlState';
import { ExplainedLine } from '@/components/logs/AccessDialog';
import { kDefaultTail, levelOf, LogControls } from '@/components/logs/LogControls';
import { LogPane } from '@/components/logs/LogPane';
import { LogSources } from '@/components/logs/LogSources';
import { MetaLine } from '@/components/MetaLine';
import { Empty, Panel } from '@/components/states';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { namesIn } from '@/lib/listed';
import { asText, compiled, lineName, markOf, relation, shownEntries, type Entry } from '@/lib/logs';
import { saveText } from '@/lib/saveText';
import { keepShared, subjectPath } from '@/lib/urls';
import type { Subject } from './tabs';

const valid = (text: string, regex: boolean): string => (compiled({ text, regex }) === undefined ? '' : text);

function Timeline({ subject, entries, sources, tail, none }: {
  subject: Subject;
  entries: readonly Entry[];
  sources: readonly LogSource[];
  tail: number;
  none: 'logs.noneText' | 'logs.noneAsked' | 'logs.nonePrevious'; // what it means that no line came
}) {
  const t = useT();
  const { seconds, dateTime, number } = useFormats();
  const { search, text, flag, push, replace } = useUrlState();
  const [range] = useTimeRange();
  const hiddenText = text('hideContainers');
  const hidden = useMemo(() => new Set(namesIn(hiddenText)), [hiddenText]);
  const regex = flag('regex');
  const pod = text('pod');
  const without = text('without');
  const until = range.kind === 'between' ? range.to * 1000 : 0;
  const shown = useMemo(
    () => shownEntries(entries, { hidden, pod, without: { text: without, regex }, until }),
    [entries, hidden, pod, without, regex, until],
  );
  const found = text('highlight') || text('show');
  const highlight = useMemo(() => (found === '' ? undefined : compiled({ text: found, regex })), [found, regex]);
  const mark = text('mark');
  const related = useMemo(() => (mark === '' ? 0 : shown.filter(relation(shown, mark)).length), [shown, mark]);
  const request = text('requestId');
  const spanPath = (traceId: string, spanId: string) =>
    keepShared(subjectPath(subject.kind, subject.namespace, subject.name), search, { tab: 'traces', traceId, spanId });
  const where = range.kind === 'last' ? t('range.last', { duration: seconds(range.seconds) }) : t('range.between', { from: dateTime(range.from), to: dateTime(range.to) });
  const download = () =>
    saveText(
      `${subject.name}.log`,
      asText(shown, (one) => t('logs.span', { service: one.service, operation: one.operation, duration: formatDuration(one.duration) })),
    );
  return (
    <>
      <LogSources sources={sources} hidden={hidden} tail={tail} onTail={(more) => replace({ tail: more === kDefaultTail ? null : String(more) })} />
      {(request !== '' || mark !== '') && (
        <div className="ms-row" data-testid="log-mark">
          {mark !== '' && <Label color="purple" onClose={() => replace({ mark: null })}>{t('logs.request', { count: number(related) })}</Label>}
          {request !== '' && <Label color="purple" onClose={() => push({ requestId: null })}>{t('logs.onlyRequest', { id: request })}</Label>}
        </div>
      )}
      {shown.length === 0 ? (
        <Empty title={t('logs.none')}>
          {entries.length > 0 ? t('logs.noneFiltered', { count: number(entries.length) }) : t(none, { range: where })}
        </Empty>
      ) : (
        <LogPane entries={shown} mark={mark} search={highlight} onMark={(entry) => replace({ mark: markOf(entry) })} onFields={(entry) => push({ line: lineName(entry) })} spanPath={spanPath} />
      )}
      <Button variant="link" isInline onClick={download} isDisabled={shown.length === 0} data-testid="log-download">
        {t('logs.download')}
      </Button>
      <ExplainedLine entries={entries} requests />
    </>
  );
}

function Following({ state, error, lagged }: { state: string; error: Error | undefined; lagged: number }) {
  const t = useT();
  const { number } = useFormats();
  return (
    <>
      <div className="ms-meta" role="status" data-testid="log-following" data-state={state}>
        {t(state === 'open' ? 'logs.following' : 'logs.connecting')}
      </div>
      {state === 'waiting' && (
        <Alert isInline variant="warning" title={t('logs.waiting')}>
          {error?.message}
        </Alert>
      )}
      {lagged > 0 && <Alert isInline variant="warning" title={t('logs.lagged', { count: number(lagged) })} data-testid="log-lagged" />}
    </>
  );
}

export function LogsTab(subject: Subject) {
  const t = useT();
  const { text, number, flag } = useUrlState();
  const [range] = useTimeRange();
  const tracing = useTracingInfo().data;
  const regex = flag('regex');
  const show = valid(text('show'), regex);
  const tail = Math.min(25_000, Math.max(1, number('tail', kDefaultTail)));
  const spans = tracing?.integration === true && text('spans') !== 'false';
  const follow = flag('follow');
  const previous = flag('previous') && !follow; // what has ended is not written on
  const question = {
    tail, contains: regex ? '' : show, matches: regex ? show : '', requestId: text('requestId'), severity: levelOf(text('level')), spans, previous,
  };
  const asked = show !== '' || question.requestId !== '' || question.severity !== '';
  const none = asked ? 'logs.noneAsked' : previous ? 'logs.nonePrevious' : 'logs.noneText';
  const ready = tracing !== undefined;
  const query = useLogs(subject.namespace, subject.name, range, question, ready && !follow);
  const followed = useFollowedLogs(subject.namespace, subject.name, range, question, ready && follow);
  const sources = follow ? followed.sources : query.data?.sources;
  const pods = useMemo(() => [...new Set((sources ?? []).map((one) => one.pod))], [sources]);
  return (
    <div data-testid="logs-tab">
      <LogControls pods={pods} tail={tail} spans={spans} canSpans={tracing?.integration === true} follow={follow} previous={previous} />
      {follow ? (
        <>
          <Following state={followed.state} error={followed.error} lagged={followed.lagged} />
          <Timeline subject={subject} entries={followed.entries} sources={followed.sources} tail={tail} none={none} />
        </>
      ) : (
        <Panel query={query} title={t('logs.failed')}>
          {(data) => (
            <>
              <MetaLine meta={data.meta} />
              <Timeline subject={subject} entries={data.entries} sources={data.sources} tail={tail} none={none} />
            </>
          )}
        </Panel>
      )}
    </div>
  );
}
