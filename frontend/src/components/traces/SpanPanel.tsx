import { useState, type ReactNode } from 'react';
import { Button, Label, Title } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { Link } from 'react-router';
import type { KeyValue, SpanFacts, Trace } from '@/api/schema.gen';
import { useTracingInfo } from '@/api/queries';
import { ExternalLink } from '@/components/ExternalLink';
import { Facts, type Fact } from '@/components/Facts';
import { Foldout } from '@/components/Foldout';
import { Loading } from '@/components/states';
import { SubjectLink } from '@/components/SubjectLink';
import { useFormats, useT, type Translate } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { jaegerTrace } from '@/lib/jaegerLinks';
import { ownerOf } from '@/lib/spanFilters';
import { peerOf } from '@/lib/spanPeer';
import { subjectPath } from '@/lib/urls';

function Pairs({ name, title, pairs, open = false }: { name: string; title: string; pairs: readonly KeyValue[]; open?: boolean }) {
  const t = useT();
  if (pairs.length === 0) return null;
  return (
    <Foldout list="parts" name={name} title={`${title} (${pairs.length})`} usual={open}>
      {() => (
        <Table aria-label={title} variant="compact" borders={false}>
          <Thead>
            <Tr>
              <Th>{t('span.key')}</Th>
              <Th>{t('span.value')}</Th>
            </Tr>
          </Thead>
          <Tbody>
            {pairs.map((pair, at) => (
              <Tr key={`${at} ${pair.key}`}>
                <Td dataLabel={t('span.key')}>{pair.key}</Td>
                <Td dataLabel={t('span.value')} className="ms-value">
                  {String(pair.value)}
                </Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
      )}
    </Foldout>
  );
}

const kErrors = { server: 'span.errorServer', client: 'span.errorClient', transport: 'span.errorTransport', application: 'span.errorApplication' } as const;

function statusText(span: SpanFacts, t: Translate): string | null {
  if (span.status.noResponse) return t('span.noResponse');
  return span.status.http === null ? span.status.httpRaw : String(span.status.http);
}

const kAround = 30_000; // ms before and after a span

// Logs and metrics of who a span is of, around it.
function Around({ span, traceId }: { span: SpanFacts; traceId: string }) {
  const t = useT();
  const { namespace, workload } = ownerOf(span);
  if (!namespace || !workload) return null;
  const range = { from: String(Math.floor(span.startTime / 1000) - kAround), to: String(Math.ceil((span.startTime + span.duration) / 1000) + kAround) };
  const to = (more: Record<string, string>) => `${subjectPath('workloads', namespace, workload)}?${new URLSearchParams({ ...more, ...range }).toString()}`;
  return (
    <p className="ms-row" data-testid="around">
      {t('span.around')}: <Link to={to({ tab: 'logs', mark: traceId })}>{t('span.logs')}</Link>
      <Link to={to({ tab: 'in_metrics', spans: 'true' })}>{t('span.inbound')}</Link>
      <Link to={to({ tab: 'out_metrics', spans: 'true' })}>{t('span.outbound')}</Link>
    </p>
  );
}

type Telling = { t: Translate; number: (value: number, digits?: number) => string; onGo: (id: string) => void };

function factsOf(span: SpanFacts, other: SpanFacts | undefined, { t, number, onGo }: Telling): Fact[] {
  const who = ownerOf(span);
  const request = [span.request.method, span.request.url].filter(Boolean).join(' ');
  const bytes =
    span.request.requestBytes === null && span.request.responseBytes === null
      ? null
      : t('span.bytesValue', { sent: span.request.requestBytes ?? '–', received: span.request.responseBytes ?? '–' });
  const peer = peerOf(span, other);
  return [
    [t('span.error'), span.error && <span className="ms-bad-text">{t('span.errorText', { kind: t(kErrors[span.error.class]), rule: span.error.rule })}</span>],
    [t('span.started'), formatDuration(span.relativeStart)],
    [t('span.duration'), formatDuration(span.duration)],
    [t('span.self'), formatDuration(span.selfTime)],
    [t('span.critical'), `${formatDuration(span.criticalTime)} (${number(100 * span.criticalShare, 1)} %)`],
    [t('span.request'), request],
    [t('span.status'), statusText(span, t)],
    [t('span.grpc'), span.status.grpc === null ? span.status.grpcRaw : String(span.status.grpc)],
    [t('span.flags'), span.flags.length > 0 && span.flags.map((flag) => (
      <div key={flag.code} data-testid="flag">
        <Label isCompact color="orange">{flag.code}</Label> {flag.meaning}
      </div>
    ))],
    [t('span.peer'), peer ? <SubjectLink {...peer} /> : (span.peer?.value ?? span.peer?.address)],
    [t('span.application'), who.app && who.namespace && <SubjectLink kind="applications" namespace={who.namespace} name={who.app} tab="traces" />],
    [t('span.workload'), who.workload && who.namespace && <SubjectLink kind="workloads" namespace={who.namespace} name={who.workload} tab="traces" />],
    [t('span.pod'), who.pod],
    [t('span.namespace'), who.namespace],
    [t('span.evidence'), span.identity && `${span.identity.evidence.replaceAll('_', ' ')} (${span.identity.rule ?? '–'})`],
    [t('span.pair'), span.pair && (
      <>
        <Button variant="link" isInline onClick={() => onGo(span.pair?.spanID ?? '')}>{span.pair.spanID}</Button>
        {span.pair.gap !== null && <span data-testid="gap">, {t('span.gap', { gap: formatDuration(Number(span.pair.gap)) })}</span>}
      </>
    )],
    [t('span.kind'), `${span.kind}, ${span.type}`],
    [t('span.component'), span.component],
    [t('span.route'), span.request.route],
    [t('span.protocol'), span.request.protocol],
    [t('span.requestId'), span.request.id],
    [t('span.bytes'), bytes],
    [t('span.target'), [span.target.system, span.target.name, span.target.operation].filter(Boolean).join(' ')],
    [t('span.id'), span.spanID],
  ];
}

// All that is known of one span: what the server decided, and the tags as they came.
export function SpanPanel({ span, other, traceId, trace, missing, stored = true, onGo, children }: {
  span: SpanFacts;
  other: SpanFacts | undefined; // what the other side says of the same call
  traceId: string;
  trace: Trace | undefined; // undefined: on its way, or `missing`
  missing: ReactNode;
  stored?: boolean; // the backend has the trace, too
  onGo: (spanId: string) => void;
  children?: ReactNode; // between the facts and the tags
}) {
  const t = useT();
  const { number } = useFormats();
  const url = useTracingInfo().data?.url;
  const [copied, setCopied] = useState('');
  const raw = trace?.spans.find((one) => one.spanID === span.spanID);
  const external = stored ? jaegerTrace(url, traceId, span.spanID) : undefined;
  return (
    <section className="ms-panel" aria-label={t('trace.tabSpan')} data-testid="span-panel">
      <Title headingLevel="h3" size="md">
        {span.redacted ? t('trace.redacted') : span.operationName}
      </Title>
      <p>{span.service}</p>
      <Facts facts={factsOf(span, other, { t, number, onGo })} />
      <Around span={span} traceId={traceId} />
      {children}
      {trace ? null : (missing ?? <Loading rows={3} />)}
      {(raw?.warnings ?? []).map((warning) => (
        <p key={warning} className="ms-bad-text">
          {warning}
        </p>
      ))}
      <Pairs name="tags" title={t('span.tags')} pairs={raw?.tags ?? []} open />
      {(raw?.logs ?? []).map((log, at) => (
        <Pairs
          key={`${at} ${log.timestamp}`}
          name={`event${log.timestamp - span.startTime}`}
          title={`${t('span.events')} +${formatDuration(log.timestamp - span.startTime)}`}
          pairs={log.fields}
          open
        />
      ))}
      <Pairs name="process" title={t('span.process')} pairs={raw ? (trace?.processes[raw.processID]?.tags ?? []) : []} />
      <div className="ms-row">
        <Button
          variant="link"
          isInline
          onClick={() => void navigator.clipboard.writeText(window.location.href).then(() => setCopied(span.spanID))}
        >
          {t(copied === span.spanID ? 'span.copied' : 'span.copyLink')}
        </Button>
        {external && <ExternalLink href={external}>{t('span.external')}</ExternalLink>}
      </div>
    </section>
  );
}
