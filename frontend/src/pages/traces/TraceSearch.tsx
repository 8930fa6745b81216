import { useMemo } from 'react';
import { Button, PageSection } from '@patternfly/react-core';
import { Link } from 'react-router';
import { useTracingInfo } from '@/api/queries';
import { useFailureNotice } from '@/app/notifications';
import { useTimeRange } from '@/app/timeRange';
import { useUrlState } from '@/app/urlState';
import { ExternalLink } from '@/components/ExternalLink';
import { MetaLine } from '@/components/MetaLine';
import { PageHead } from '@/components/PageHead';
import { Empty, Failure, Loading, Stale } from '@/components/states';
import { kDefaultLimit } from '@/components/traces/TraceQuery';
import { TraceResults } from '@/components/traces/TraceResults';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { jaegerHome, jaegerSearch } from '@/lib/jaegerLinks';
import { narrowed, parseTook } from '@/lib/facets';
import { windowOf } from '@/lib/range';
import { formatTags, parseTags } from '@/lib/tags';
import { keepShared } from '@/lib/urls';
import { Facets } from './Facets';
import { QueryForm } from './QueryForm';
import { SavedSearches } from './SavedSearches';
import { SearchReason } from './SearchReason';
import { summaryOf, useSearch } from './useSearch';

function TracingOff({ reason, url }: { reason: string | undefined; url: string | undefined }) {
  const t = useT();
  const home = jaegerHome(url);
  return (
    <Empty title={t('traces.off')} actions={home && <ExternalLink href={home}>{t('nav.external')}</ExternalLink>}>
      {t('traces.offText')} {reason}
    </Empty>
  );
}

function Found() {
  const t = useT();
  const { seconds, dateTime } = useFormats();
  const { text, number, flag, replace } = useUrlState();
  const [range] = useTimeRange();
  const url = useTracingInfo().data?.url;
  const tags = parseTags(text('tags')) ?? {};
  const question = {
    service: text('service'),
    operation: text('operation'),
    tags: Object.keys(tags).length > 0 ? JSON.stringify(tags) : '',
    minDuration: number('minDuration', 0),
    maxDuration: number('maxDuration', 0),
    errors: flag('errs'),
    limit: number('limit', kDefaultLimit),
  };
  const query = useSearch(question, range, true);
  const asKnown = useMemo(() => windowOf(range, Date.now()), [range]);
  useFailureNotice(query.error, t('traces.failed'), query.errorUpdateCount);
  const pages = query.data?.pages;
  const found = useMemo(() => (pages ?? []).flatMap((page) => page.answer.data), [pages]);
  const all = useMemo(() => found.map(summaryOf), [found]);
  const [took, minSpans] = [text('took'), number('minSpans', 0)];
  const traces = useMemo(() => narrowed(all, { took: parseTook(took), minSpans }), [all, took, minSpans]);
  const taken = text('compare');
  const retry = () => void query.refetch();
  const first = pages?.[0];
  const last = pages?.at(-1);
  if (!first || !last) {
    if (!query.error) return <Loading />;
    return (
      <>
        <Failure title={t('traces.failed')} error={query.error} retry={retry} />
        <SearchReason service={question.service} window={asKnown} />
      </>
    );
  }
  const asked = [
    question.service && t('traces.query.of', { name: [question.service, question.operation].filter(Boolean).join(' ') }),
    t('traces.query.range', {
      range: range.kind === 'last' ? seconds(range.seconds) : t('range.between', { from: dateTime(range.from), to: dateTime(range.to) }),
    }),
    question.errors && t('traces.query.errors'),
    question.minDuration > 0 && t('traces.query.min', { duration: formatDuration(question.minDuration) }),
    question.maxDuration > 0 && t('traces.query.max', { duration: formatDuration(question.maxDuration) }),
    question.tags && t('traces.query.tags', { tags: formatTags(tags) }),
  ];
  const words = asked.filter(Boolean).join(', ');
  const external = jaegerSearch(url, { service: question.service, operation: question.operation, ...first.window, limit: question.limit, tags });
  return (
    <>
      {query.error && <Stale since={query.dataUpdatedAt} error={query.error} retry={retry} />}
      <div className="ms-row">
        <MetaLine meta={last.answer.meta} />
        {external && (
          <ExternalLink href={external} testId="view-search">
            {t('traces.external')}
          </ExternalLink>
        )}
        <SavedSearches name={words} />
        {taken !== '' && (
          <span data-testid="compare-tray">
            {t('compare.tray', { id: taken.slice(0, 7) })}{' '}
            <Button variant="link" isInline onClick={() => replace({ compare: null })}>
              {t('compare.drop')}
            </Button>
          </span>
        )}
      </div>
      {all.length > 0 && <Facets found={found} traces={all} left={traces.length} />}
      <TraceResults
        traces={traces}
        window={first.window}
        question={words}
        limited={query.hasNextPage && traces.length === all.length}
        filters={['service', 'operation', 'tags', 'errs', 'minDuration', 'maxDuration', 'took', 'minSpans']}
        reason={all.length === 0 && <SearchReason service={question.service} window={first.window} />}
      />
      {query.hasNextPage && (
        <Button variant="secondary" isLoading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()} data-testid="older">
          {t('traces.more')}
        </Button>
      )}
    </>
  );
}

export function TraceSearch() {
  const t = useT();
  const { search } = useUrlState();
  const tracing = useTracingInfo();
  const info = tracing.data;
  return (
    <>
      <PageHead title={t('traces.title')} range>
        <Link to={keepShared('/traces/file', search)}>{t('file.open')}</Link>
      </PageHead>
      <PageSection>
        {!info && (tracing.error ? <Failure title={t('traces.failed')} error={tracing.error} retry={() => void tracing.refetch()} /> : <Loading />)}
        {info && !info.integration && <TracingOff reason={info.reason} url={info.url} />}
        {info?.integration && (
          <>
            <QueryForm />
            <Found />
          </>
        )}
      </PageSection>
    </>
  );
}
