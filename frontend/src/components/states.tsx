import { useEffect, useState, type ReactNode } from 'react';
import { Alert, Button, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter, Skeleton } from '@patternfly/react-core';
import SearchIcon from '@patternfly/react-icons/dist/esm/icons/search-icon';
import ExclamationCircleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-circle-icon';
import type { UseQueryResult } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { ApiError } from '@/api/client';
import { useFailureNotice } from '@/app/notifications';
import { useFormats, useT } from '@/i18n';
import { keepShared } from '@/lib/urls';
import { Facts } from './Facts';

export function Loading({ rows = 6 }: { rows?: number }) {
  const t = useT();
  return (
    <div className="ms-loading" role="status" aria-label={t('state.loading')} data-testid="loading">
      {Array.from({ length: rows }, (_, at) => (
        <Skeleton key={at} width={`${95 - ((at * 17) % 40)}%`} screenreaderText={at === 0 ? t('state.loading') : ''} />
      ))}
    </div>
  );
}

// There is nothing, and why: `children` says what was asked for, `actions` what to try.
export function Empty({ title, children, actions }: { title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <EmptyState titleText={title} headingLevel="h2" icon={SearchIcon} variant="sm" data-testid="empty">
      {children !== undefined && <EmptyStateBody>{children}</EmptyStateBody>}
      {actions !== undefined && (
        <EmptyStateFooter>
          <EmptyStateActions>{actions}</EmptyStateActions>
        </EmptyStateFooter>
      )}
    </EmptyState>
  );
}

// What failed, the cause as the server tells it, the setting that mends it, and a way on.
export function Failure({ title, error, retry }: { title: string; error: Error; retry?: () => void }) {
  const t = useT();
  const [search] = useSearchParams();
  const told = error instanceof ApiError ? error : undefined;
  const hint = told?.hint;
  return (
    <EmptyState titleText={title} headingLevel="h2" icon={ExclamationCircleIcon} status="danger" variant="sm" data-testid="failure">
      <EmptyStateBody>
        <p>{told?.status === 0 ? t('state.noAnswer') : error.message}</p>
        <Facts
          className="ms-failure-facts"
          facts={[
            [t('state.cause'), told?.detail],
            [t('state.setting'), hint?.setting && <code key="setting" data-testid="setting">{hint.setting}</code>],
            [t('state.advice'), hint?.advice],
            [t('state.request'), told?.requestId],
          ]}
        />
      </EmptyStateBody>
      <EmptyStateFooter>
        <EmptyStateActions>
          {retry && (
            <Button variant="primary" onClick={retry}>
              {t('state.retry')}
            </Button>
          )}
          {told?.upstream && <Link to={keepShared('/status', search, { diagnose: told.upstream === 'jaeger' ? 'true' : undefined })}>{t('state.diagnose')}</Link>}
        </EmptyStateActions>
      </EmptyStateFooter>
    </EmptyState>
  );
}

// What is shown is old, as asking again failed.
export function Stale({ since, error, retry }: { since: number; error: Error; retry: () => void }) {
  const t = useT();
  const { ago } = useFormats();
  const [, again] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => again((count) => count + 1), 10_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <Alert
      isInline
      variant="warning"
      title={t('state.stale', { age: ago(since) })}
      data-testid="stale"
      actionLinks={
        <Button variant="link" isInline onClick={retry}>
          {t('state.retry')}
        </Button>
      }
    >
      {error.message}
    </Alert>
  );
}

// One panel over one query: loading, then what there is; the error instead when there is nothing, beside it when there is. What
// answers the question before, while another is asked, is pale. `reason`: what may be known of why it failed, shown with the error.
export function Panel<T>({ query, title, reason, children }: {
  query: UseQueryResult<T>;
  title: string;
  reason?: ReactNode;
  children: (data: T) => ReactNode;
}) {
  useFailureNotice(query.error, title, query.errorUpdateCount);
  const retry = () => void query.refetch();
  if (query.data === undefined) {
    if (!query.error) return <Loading />;
    return (
      <>
        <Failure title={title} error={query.error} retry={retry} />
        {reason}
      </>
    );
  }
  return (
    <>
      {query.error && <Stale since={query.dataUpdatedAt} error={query.error} retry={retry} />}
      <div className={query.isPlaceholderData ? 'ms-superseded' : undefined} aria-busy={query.isPlaceholderData}>
        {children(query.data)}
      </div>
    </>
  );
}
