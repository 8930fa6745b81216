import { useMemo, type ReactNode } from 'react';
import { Card, CardBody, CardTitle } from '@patternfly/react-core';
import type { UseQueryResult } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { kLookedAt, useRecent } from '@/api/recent';
import type { SearchResponse, TraceSummary } from '@/api/schema.gen';
import { MetaLine, partsMissing } from '@/components/MetaLine';
import { Panel } from '@/components/states';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { keepShared } from '@/lib/urls';
import { Operations } from './Operations';

const kShown = 5;

function List({ title, query, pick, whenNone, testId }: {
  title: string;
  query: UseQueryResult<SearchResponse>;
  pick: (all: TraceSummary[]) => TraceSummary[];
  whenNone?: ReactNode;
  testId: string;
}) {
  const t = useT();
  const { ago } = useFormats();
  const [search] = useSearchParams();
  return (
    <Card isCompact data-testid={testId}>
      <CardTitle component="h2">{title}</CardTitle>
      <CardBody>
        <Panel query={query} title={t('traces.failed')}>
          {(found) => {
            const shown = pick(found.data).slice(0, kShown);
            const partial = partsMissing(found.meta, t).length > 0 && <MetaLine meta={found.meta} />;
            if (shown.length === 0) {
              return (
                <>
                  <p>
                    {t('traces.none')} {found.data.length === 0 && whenNone}
                  </p>
                  {partial}
                </>
              );
            }
            return (
              <>
                <ul className="ms-recent">
                  {shown.map((one) => (
                    <li key={one.traceID} data-testid="recent-trace">
                      <Link to={keepShared(`/traces/${one.traceID}`, search)}>
                        {one.rootService ? `${one.rootService}: ` : ''}
                        {one.rootOperation ?? t('traces.missingRoot')}
                      </Link>
                      <span>
                        {formatDuration(one.duration)}, {ago(one.startTime / 1000)}
                      </span>
                    </li>
                  ))}
                </ul>
                {partial}
              </>
            );
          }}
        </Panel>
      </CardBody>
    </Card>
  );
}

// What was slow and what failed lately, out of the newest traces of every service.
export function RecentTraces() {
  const t = useT();
  const all = useRecent(false);
  const failed = useRecent(true);
  const [search] = useSearchParams();
  const both = useMemo(() => [...(all.data?.data ?? []), ...(failed.data?.data ?? [])], [all.data, failed.data]);
  return (
    <div className="ms-cards ms-wide">
      <Operations traces={both} lookedAt={kLookedAt} />
      <div className="ms-stack">
        <List
          title={t('overview.slowest')}
          query={all}
          pick={(found) => [...found].sort((a, b) => b.duration - a.duration)}
          whenNone={<Link to={keepShared('/traces', search)}>{t('overview.whyNone')}</Link>}
          testId="slowest"
        />
        <List title={t('overview.failed')} query={failed} pick={(found) => found} testId="failed" />
      </div>
    </div>
  );
}
