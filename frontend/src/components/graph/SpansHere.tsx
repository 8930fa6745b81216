import type { ReactNode } from 'react';
import { Label } from '@patternfly/react-core';
import { Link } from 'react-router';
import type { SpanFacts } from '@/api/schema.gen';
import { useUrlState } from '@/app/urlState';
import { useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { keepShared } from '@/lib/urls';

// Leads to a span on the page of its trace; where one is there already, `onSpan` shows it.
export function SpanLink({ traceId, spanId, onSpan, children }: {
  traceId: string;
  spanId: string;
  onSpan: ((spanId: string) => void) | undefined;
  children: ReactNode;
}) {
  const { search } = useUrlState();
  if (!onSpan) return <Link to={keepShared(`/traces/${traceId}`, search, { spanId })}>{children}</Link>;
  return (
    <button type="button" className="ms-link" onClick={() => onSpan(spanId)}>
      {children}
    </button>
  );
}

// What the chosen node did for the trace: its own spans, each with its request and how that ended.
export function SpansHere({ traceId, name, spans, onSpan }: {
  traceId: string;
  name: string;
  spans: readonly SpanFacts[];
  onSpan: ((spanId: string) => void) | undefined;
}) {
  const t = useT();
  if (spans.length === 0) return null;
  return (
    <section aria-label={t('graph.spansOf', { count: spans.length, name })} data-testid="spans-here">
      <h3 className="ms-h2">{t('graph.spansOf', { count: spans.length, name })}</h3>
      <ul className="ms-recent-spans">
        {spans.map((span) => (
          <li key={span.spanID}>
            <SpanLink traceId={traceId} spanId={span.spanID} onSpan={onSpan}>
              {span.redacted ? t('trace.redacted') : span.operationName}
            </SpanLink>
            <div className="ms-reason">
              {[
                t(`graph.direction.${span.direction}`),
                [span.request.method, span.request.url].filter(Boolean).join(' '),
                span.status.http ?? span.status.httpRaw,
                t('graph.after', { offset: formatDuration(span.relativeStart) }),
                formatDuration(span.duration),
              ]
                .filter((one) => one !== null && one !== '')
                .join(', ')}
            </div>
            {span.error && <Label isCompact color="red">{t('graph.errors')}</Label>}{' '}
            {span.flags.map((flag) => (
              <span key={flag.code}>
                <Label isCompact color="orange">{flag.code}</Label> {flag.meaning}
              </span>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}
