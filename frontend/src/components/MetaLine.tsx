import { Label, Popover, Button } from '@patternfly/react-core';
import InfoCircleIcon from '@patternfly/react-icons/dist/esm/icons/info-circle-icon';
import type { Meta } from '@/api/schema.gen';
import { useFormats, useT, type Translate } from '@/i18n';

// Why an answer is not whole; empty when it is. A limit that was reached is no trouble: the limit is the reader's own.
export function partsMissing(meta: Meta, t: Translate): string[] {
  const said: string[] = [];
  if (meta.stoppedBy !== 'complete' && meta.stoppedBy !== 'limit') said.push(t(`meta.stopped.${meta.stoppedBy}`));
  for (const drop of meta.dropped) said.push(t('meta.dropped', { count: drop.count, reason: drop.reason.replaceAll('_', ' ') }));
  return said.concat(meta.warnings.map((warning) => warning.message));
}

// `meta` as one line: how much there is, whether something is missing, and the bill on demand.
export function MetaLine({ meta }: { meta: Meta }) {
  const t = useT();
  const { number } = useFormats();
  const missing = partsMissing(meta, t);
  return (
    <div className="ms-meta" data-testid="meta">
      <span>{t(meta.scanned <= meta.returned && meta.stoppedBy === 'complete' ? 'meta.all' : 'meta.returned', { returned: number(meta.returned), scanned: number(meta.scanned) })}</span>
      {meta.stoppedBy === 'limit' && <span>{t('meta.stopped.limit')}</span>}
      {missing.length > 0 && (
        <Label color="orange" isCompact data-testid="partial">
          {t('meta.partial')}: {missing.join('; ')}
        </Label>
      )}
      {meta.cluster?.stale && <Label color="orange" isCompact>{t('meta.clusterStale', { age: `${Math.round((meta.cluster.ageMs ?? 0) / 1000)} s` })}</Label>}
      {meta.upstream.length > 0 && (
        <Popover
          aria-label={t('meta.details')}
          bodyContent={
            <ul>
              {meta.upstream.map((one) => (
                <li key={one.name}>
                  {t('meta.calls', { calls: one.calls, name: one.name, ms: number(one.ms, 1) })}
                  {one.cached > 0 && `, ${t('meta.cached')}`}
                </li>
              ))}
            </ul>
          }
        >
          <Button variant="plain" size="sm" icon={<InfoCircleIcon />} aria-label={t('meta.details')} />
        </Popover>
      )}
    </div>
  );
}
