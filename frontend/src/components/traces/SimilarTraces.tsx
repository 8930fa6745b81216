import { useMemo, type ReactNode } from 'react';
import { Title } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { Link } from 'react-router';
import { useTracingInfo } from '@/api/queries';
import { useSettings } from '@/app/settings';
import { useUrlState } from '@/app/urlState';
import { ExternalLink } from '@/components/ExternalLink';
import { Foldout } from '@/components/Foldout';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { heatColors, heatText, heatValue } from '@/lib/heatmap';
import { jaegerCompare } from '@/lib/jaegerLinks';
import { difference, mean, similarTo, type Shape } from '@/lib/similar';
import type { Summary } from '@/lib/traceSummary';
import { keepShared } from '@/lib/urls';

const kColumns = 8;
const kCohort = 10; // that Jaeger's page offers besides the two
const kRows = 200;
const kValues = ['full', 'average'] as const;

type Known = Summary & Shape;
type Times = { full: number; average: number }; // µs

const timesOf = (one: Summary): Times => ({ full: one.duration, average: one.spanAverage });
const isKnown = (one: Summary): one is Known => one.operations !== undefined;

// How much longer the trace took than another one, as a cell of the matrix.
function Cell({ here, there, of }: { here: number; there: number; of: string }) {
  const t = useT();
  const { text } = useUrlState();
  const { settings } = useSettings();
  const ms = (here - there) / 1000;
  const scale = text('heatScale') === 'relative' ? 'relative' : 'absolute';
  const colors = heatColors(heatValue({ value: ms, stat: there / 1000 }, scale), settings.safeColors ? 'safe' : 'classic');
  const words = t(ms > 0 ? 'similar.slower' : ms < 0 ? 'similar.faster' : 'similar.same', {
    difference: formatDuration(Math.abs(here - there)), of, here: formatDuration(here), there: formatDuration(there),
  });
  return (
    <td className="ms-similar-cell" title={words} aria-label={`${heatText(ms)}: ${words}`} style={{ background: colors.back, color: colors.text }}>
      {heatText(ms)}
    </td>
  );
}

function All({ trace, found, compare }: { trace: Known; found: readonly Known[]; compare: (one: Known) => ReactNode }) {
  const t = useT();
  const { dateTime, number } = useFormats();
  const shown = found.slice(0, kRows);
  return (
    <Foldout list="tables" name="similar" title={t('similar.table', { count: number(found.length) })}>
      {() => (
        <>
          {shown.length < found.length && <p className="ms-reason">{t('similar.cut', { shown: number(shown.length), count: number(found.length) })}</p>}
          <Table aria-label={t('similar.title')} variant="compact" data-testid="similar-table">
            <Thead>
              <Tr>
                <Th width={35}>{t('traces.name')}</Th>
                <Th width={20}>{t('traces.start')}</Th>
                <Th>{t('similar.full')}</Th>
                <Th>{t('similar.average')}</Th>
                <Th>{t('heat.difference')}</Th>
                <Th info={{ tooltip: t('similar.unlikeHelp'), ariaLabel: t('similar.unlikeHelp') }}>{t('similar.unlike')}</Th>
                <Th screenReaderText={t('similar.compare')} />
              </Tr>
            </Thead>
            <Tbody>
              {shown.map((one) => (
                <Tr key={one.traceId} data-testid="similar-row" data-trace={one.traceId}>
                  <Td dataLabel={t('traces.name')}>
                    {one.name ?? t('traces.missingRoot')} <span className="ms-id">{one.traceId.slice(0, 7)}</span>
                  </Td>
                  <Td dataLabel={t('traces.start')}>{dateTime(one.startTime / 1000)}</Td>
                  <Td dataLabel={t('similar.full')}>{formatDuration(one.duration)}</Td>
                  <Td dataLabel={t('similar.average')}>{formatDuration(one.spanAverage)}</Td>
                  <Td dataLabel={t('heat.difference')}>{heatText((trace.duration - one.duration) / 1000)} ms</Td>
                  <Td dataLabel={t('similar.unlike')}>{number(difference(trace, one), 2)}</Td>
                  <Td>{compare(one)}</Td>
                </Tr>
              ))}
            </Tbody>
          </Table>
        </>
      )}
    </Foldout>
  );
}

function Matrix({ trace, found, onChoose }: { trace: Known; found: readonly Known[]; onChoose: (traceId: string) => void }) {
  const t = useT();
  const { search } = useUrlState();
  const { ago, number } = useFormats();
  const url = useTracingInfo().data?.url;
  const shown = found.slice(0, kColumns);
  const nameOf = (one: Known) => `${one.name ?? t('traces.missingRoot')} ${one.traceId.slice(0, 6)}`;
  const here = timesOf(trace);
  const over: Times = { full: mean(found.map((one) => one.duration)), average: mean(found.map((one) => one.spanAverage)) };
  const meanOf = t('similar.meanOf', { count: number(found.length) });
  const cohort = [trace, ...found.slice(0, kCohort + 1)].map((one) => one.traceId);
  const external = jaegerCompare(url, trace.traceId, found[0]?.traceId ?? '', cohort);
  const compare = (one: Known) => (
    <Link to={keepShared('/traces/compare', search, { a: trace.traceId, b: one.traceId })} aria-label={t('similar.compareWith', { id: one.traceId.slice(0, 6) })}>
      {t('similar.compare')}
    </Link>
  );
  return (
    <>
      <div className="ms-heat ms-similar">
        <table aria-label={t('similar.matrix')} data-testid="similar">
          <thead>
            <tr>
              <td />
              {shown.map((one) => (
                <th key={one.traceId} scope="col">
                  <button
                    type="button"
                    className="ms-link"
                    title={t('similar.choose', { id: one.traceId, name: one.name ?? t('traces.missingRoot'), ago: ago(one.startTime / 1000) })}
                    onClick={() => onChoose(one.traceId)}
                    data-trace={one.traceId}
                  >
                    {one.traceId.slice(0, 6)}
                  </button>
                </th>
              ))}
              <th scope="col" title={meanOf}>
                {t('similar.mean')}
              </th>
            </tr>
          </thead>
          <tbody>
            {kValues.map((value) => (
              <tr key={value} data-testid={`similar-${value}`}>
                <th scope="row">{t(`similar.${value}`)}</th>
                {shown.map((one) => (
                  <Cell key={one.traceId} here={here[value]} there={timesOf(one)[value]} of={nameOf(one)} />
                ))}
                <Cell here={here[value]} there={over[value]} of={meanOf} />
              </tr>
            ))}
            <tr>
              <th scope="row">{t('similar.compare')}</th>
              {shown.map((one) => (
                <td key={one.traceId}>{compare(one)}</td>
              ))}
              <td />
            </tr>
          </tbody>
        </table>
      </div>
      {external && <ExternalLink href={external}>{t('similar.external')}</ExternalLink>}
      <All trace={trace} found={found} compare={compare} />
    </>
  );
}

// The trace held against those of `traces` that have nearly as many spans that do the same.
export function SimilarTraces({ trace, traces, onChoose }: { trace: Summary; traces: readonly Summary[]; onChoose: (traceId: string) => void }) {
  const t = useT();
  const { number } = useFormats();
  const found = useMemo(() => (isKnown(trace) ? similarTo(trace, traces.filter(isKnown)) : []), [trace, traces]);
  if (!isKnown(trace)) return null;
  return (
    <section aria-label={t('similar.title')} data-testid="similar-traces">
      <Title headingLevel="h3" size="md">
        {t('similar.title')}
      </Title>
      {found.length === 0 ? (
        <p className="ms-reason">
          {t('similar.none')}. {t('similar.noneText', { count: number(traces.length) })}
        </p>
      ) : (
        <Matrix trace={trace} found={found} onChoose={onChoose} />
      )}
    </section>
  );
}
