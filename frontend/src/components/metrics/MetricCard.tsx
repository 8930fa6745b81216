import { useMemo } from 'react';
import { Alert, Button } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import CompressIcon from '@patternfly/react-icons/dist/esm/icons/compress-icon';
import ExpandIcon from '@patternfly/react-icons/dist/esm/icons/expand-icon';
import type { SpanOverlay } from '@/api/schema.gen';
import { useUrlState } from '@/app/urlState';
import { Chart } from '@/components/Chart';
import { Foldout } from '@/components/Foldout';
import { useColors } from '@/components/useColors';
import { useFormats, useT } from '@/i18n';
import { figures, formatMetric, seriesName, type ReportedChart } from '@/lib/metrics';
import type { Window } from '@/lib/range';
import { chartOption } from './chartOption';

function Twin({ chart }: { chart: ReportedChart }) {
  const t = useT();
  return (
    <Foldout list="tables" name={chart.name} title={t('metrics.table')}>
      {() => (
        <Table aria-label={chart.name} variant="compact">
          <Thead>
            <Tr>
              {(['series', 'min', 'avg', 'max', 'last'] as const).map((one) => (
                <Th key={one}>{t(`metrics.${one}`)}</Th>
              ))}
            </Tr>
          </Thead>
          <Tbody>
            {chart.metrics.map((series) => {
              const name = seriesName(series, chart.name, series.reporter && t(`metrics.by.${series.reporter}`));
              const found = figures(series);
              return (
                <Tr key={name}>
                  <Td dataLabel={t('metrics.series')}>{name}</Td>
                  {(['min', 'avg', 'max', 'last'] as const).map((one) => (
                    <Td key={one} dataLabel={t(`metrics.${one}`)}>
                      {found ? formatMetric(found[one], chart.unit) : t('metrics.noData')}
                    </Td>
                  ))}
                </Tr>
              );
            })}
          </Tbody>
        </Table>
      )}
    </Foldout>
  );
}

export function MetricCard({ chart, window, overlay, trends, large, onSpan, onBucket, onDrag }: {
  chart: ReportedChart;
  window: Window;
  overlay: SpanOverlay | undefined;
  trends: boolean;
  large: boolean;
  onSpan: (at: number) => void;
  onBucket: (at: number) => void;
  onDrag: (from: number, to: number) => void;
}) {
  const t = useT();
  const { time } = useFormats();
  const colors = useColors();
  const { push } = useUrlState();
  const option = useMemo(
    () => chartOption({ chart, window, overlay, trends, large, colors, words: { time, span: t('metrics.spanPoint'), trendOf: (name) => t('metrics.trendOf', { name }), reporter: (one) => t(`metrics.by.${one}`) } }),
    [chart, window, overlay, trends, large, colors, time, t],
  );
  const drawn = chart.metrics.length > 0;
  return (
    <section className="ms-metric" aria-label={chart.name} data-testid="metric-chart" data-chart={chart.name}>
      <div className="ms-metric-head">
        <h2>{chart.name}</h2>
        {drawn && (
          <Button
            variant="plain"
            size="sm"
            icon={large ? <CompressIcon /> : <ExpandIcon />}
            aria-label={large ? t('metrics.shrink') : t('metrics.expand', { name: chart.name })}
            onClick={() => push((now) => ({ expand: now.flipped('expand', chart.name) }))}
          />
        )}
      </div>
      {chart.error !== '' && <Alert isInline isPlain variant="danger" title={chart.error} />}
      {drawn ? (
        <>
          <Chart
            option={option}
            label={t('metrics.chart', { name: chart.name })}
            height={large ? 480 : 200}
            testId="metric-canvas"
            onDrag={onDrag}
            onClick={(click) => {
              if (click.seriesId === 'spans') onSpan(click.dataIndex);
              if (click.seriesId === 'buckets') onBucket(click.dataIndex);
            }}
          />
          <Twin chart={chart} />
        </>
      ) : (
        chart.error === '' && <p className="ms-reason">{t('metrics.noData')}</p>
      )}
    </section>
  );
}
