import { Button } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { Link } from 'react-router';
import type { SpanOverlay } from '@/api/schema.gen';
import { Foldout } from '@/components/Foldout';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';

// The spans that are drawn over the charts, as a table: each leads to its trace.
export function SpanPoints({ overlay, spanPath, onBucket }: { overlay: SpanOverlay; spanPath: (at: number) => string; onBucket: (at: number) => void }) {
  const t = useT();
  const { dateTime, time, number } = useFormats();
  const count = overlay.points.length + overlay.buckets.reduce((sum, one) => sum + one.count, 0);
  return (
    <Foldout list="tables" name="spans" title={t('metrics.spanTable', { count: number(count) })} testId="span-points">
      {() => (
        <>
          {overlay.points.length > 0 && (
            <Table aria-label={t('metrics.spanTable', { count: number(count) })} variant="compact">
              <Thead>
                <Tr>
                  {(['start', 'duration', 'operation', 'error'] as const).map((one) => (
                    <Th key={one}>{t(`metrics.${one}`)}</Th>
                  ))}
                </Tr>
              </Thead>
              <Tbody>
                {overlay.points.map((one, at) => (
                  <Tr key={`${one.traceID} ${one.spanID}`} data-testid="span-point" data-span={one.spanID}>
                    <Td dataLabel={t('metrics.start')}>{dateTime(one.time / 1000)}</Td>
                    <Td dataLabel={t('metrics.duration')}>{formatDuration(one.duration)}</Td>
                    <Td dataLabel={t('metrics.operation')}>
                      <Link to={spanPath(at)}>{one.operation}</Link>
                    </Td>
                    <Td dataLabel={t('metrics.error')} className="ms-bad-text">
                      {one.error && t('metrics.error')}
                    </Td>
                  </Tr>
                ))}
              </Tbody>
            </Table>
          )}
          <ul className="ms-links">
            {overlay.buckets.map((one, at) => (
              <li key={one.from}>
                {t('metrics.bucket', {
                  count: number(one.count),
                  from: time(one.from / 1000),
                  to: time(one.to / 1000),
                  min: formatDuration(one.min),
                  q1: formatDuration(one.q1),
                  median: formatDuration(one.median),
                  q3: formatDuration(one.q3),
                  max: formatDuration(one.max),
                  avg: formatDuration(one.avg),
                })}{' '}
                <Button variant="link" isInline onClick={() => onBucket(at)}>
                  {t('metrics.zoom')}
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
    </Foldout>
  );
}
