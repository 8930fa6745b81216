import { Label } from '@patternfly/react-core';
import { Link } from 'react-router';
import type { SpanFacts } from '@/api/schema.gen';
import { useUrlState } from '@/app/urlState';
import { useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { keepShared } from '@/lib/urls';

// What the chosen node did for the trace: its own spans, each with its request and how that ended.
export function SpansHere({ traceId, name, spans }: { traceId: string; name: string; spans: readonly SpanFacts[] }) {
  const t = useT();
  const { search } = useUrlState();
  if (spans.length === 0) return null;
  return (
    <section aria-label={t('graph.spansOf', { count: spans.length, name })} data-testid="spans-here">
      <h3 className="ms-h2">{t('graph.spansOf', { count: spans.length, name })}</h3>
      <ul className="ms-recent-spans">
        {spans.map((span) => (
          <li key={span.spanID}>
            <Link to={keepShared(`/traces/${traceId}`, search, { spanId: span.spanID })}>{span.redacted ? t('trace.redacted') : span.operationName}</Link>
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
