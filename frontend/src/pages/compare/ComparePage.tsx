import { useEffect, useState, type FormEvent } from 'react';
import { Button, Form, PageSection, TextInput } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { Link } from 'react-router';
import { useComparison, useTracingInfo } from '@/api/queries';
import type { TraceComparison, TraceSummary } from '@/api/schema.gen';
import { useUrlState, type Address } from '@/app/urlState';
import { Choice } from '@/components/Choice';
import { ExternalLink } from '@/components/ExternalLink';
import { MetaLine, partsMissing } from '@/components/MetaLine';
import { PageHead } from '@/components/PageHead';
import { Empty, Panel } from '@/components/states';
import { PairedWaterfalls } from '@/components/traces/PairedWaterfalls';
import { useFormats, useT } from '@/i18n';
import { kShown, placesOf, servicesOf, type Shown } from '@/lib/compare';
import { formatDuration } from '@/lib/duration';
import { jaegerCompare } from '@/lib/jaegerLinks';
import { shortHost } from '@/lib/names';
import { isTraceId, keepShared } from '@/lib/urls';

const signed = (micros: number): string => (micros > 0 ? `+${formatDuration(micros)}` : formatDuration(micros));

// How much longer, as a number and as a bar to the side of it.
function Delta({ micros, most }: { micros: number; most: number }) {
  const width = `${Math.round((50 * Math.abs(micros)) / Math.max(1, most))}%`;
  return (
    <span className="ms-delta">
      <span className="ms-delta-bar" aria-hidden>
        <span className={micros > 0 ? 'ms-delta-more' : 'ms-delta-less'} style={micros > 0 ? { left: '50%', width } : { right: '50%', width }} />
      </span>
      {signed(micros)}
    </span>
  );
}

function Heads({ what, names = false }: { what: string; names?: boolean }) {
  const t = useT();
  return (
    <Thead>
      <Tr>
        <Th width={names ? 40 : 15}>{what}</Th>
        <Th>{t('compare.first')}</Th>
        <Th>{t('compare.second')}</Th>
        <Th width={names ? 25 : 15}>{t('compare.difference')}</Th>
      </Tr>
    </Thead>
  );
}

function Head({ one }: { one: TraceSummary }) {
  const t = useT();
  const { dateTime } = useFormats();
  const { search } = useUrlState();
  return (
    <>
      <Link to={keepShared(`/traces/${one.traceID}`, search)}>{shortHost(one.rootOperation ?? t('traces.missingRoot'))}</Link>
      <div className="ms-id">
        {one.traceID.slice(0, 7)}, {dateTime(one.startTime / 1000)}
      </div>
    </>
  );
}

function Result({ data }: { data: TraceComparison }) {
  const t = useT();
  const { number } = useFormats();
  const { text, replace } = useUrlState();
  const shown: Shown = kShown.find((one) => one === text('shown')) ?? 'all';
  const services = servicesOf(data);
  const places = placesOf(data, shown);
  const most = Math.max(1, ...places.map((one) => Math.abs(one.delta)), ...services.map((one) => Math.abs(one.delta)));
  const counts = (['spans', 'errors'] as const).map((name) => ({ name, a: data.a[name], b: data.b[name] }));
  const cell = (count: number, micros: number) => (count === 0 ? '–' : `${count === 1 ? '' : `${number(count)} × `}${formatDuration(micros)}`);
  return (
    <div data-testid="compared">
      {partsMissing(data.meta, t).length > 0 && <MetaLine meta={data.meta} />}
      <Table aria-label={t('compare.title')} variant="compact" className="ms-compared">
        <Heads what={t('compare.what')} />
        <Tbody>
          <Tr>
            <Td>{t('traces.name')}</Td>
            <Td><Head one={data.a} /></Td>
            <Td><Head one={data.b} /></Td>
            <Td />
          </Tr>
          <Tr data-testid="compared-duration">
            <Td>{t('compare.duration')}</Td>
            <Td>{formatDuration(data.a.duration)}</Td>
            <Td>{formatDuration(data.b.duration)}</Td>
            <Td>{signed(data.b.duration - data.a.duration)}</Td>
          </Tr>
          {counts.map(({ name, a, b }) => (
            <Tr key={name}>
              <Td>{t(`compare.${name}`)}</Td>
              <Td>{number(a)}</Td>
              <Td>{number(b)}</Td>
              <Td>{b > a ? `+${number(b - a)}` : number(b - a)}</Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
      <h2 className="ms-h2">{t('compare.waterfalls')}</h2>
      <PairedWaterfalls a={data.a} b={data.b} />
      <h2 className="ms-h2">{t('compare.services')}</h2>
      <Table aria-label={t('compare.services')} variant="compact" className="ms-compared">
        <Heads what={t('traces.service')} names />
        <Tbody>
          {services.map((one) => (
            <Tr key={one.service} data-testid="compared-service">
              <Td>{one.service}</Td>
              <Td>{cell(one.spansA, one.durationA)}</Td>
              <Td>{cell(one.spansB, one.durationB)}</Td>
              <Td><Delta micros={one.delta} most={most} /></Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
      <h2 className="ms-h2">{t('compare.places')}</h2>
      <Choice<Shown>
        label={t('compare.show')}
        value={shown}
        options={kShown.map((value) => ({ value, text: t(`compare.${value}`) }))}
        onChoose={(value) => replace({ shown: value === 'all' ? null : value })}
      />
      {places.length === 0 ? (
        <p className="ms-reason">{t('compare.same')}</p>
      ) : (
        <Table aria-label={t('compare.places')} variant="compact" className="ms-compared">
          <Heads what={t('compare.place')} names />
          <Tbody>
            {places.map((one) => (
              <Tr key={`${one.path.join('/')} ${one.operation}`} data-testid="compared-place">
                <Td>
                  {one.operation}
                  <div className="ms-id">{one.path.join(' › ')}</div>
                </Td>
                <Td className={one.errorsA > 0 ? 'ms-bad-text' : ''}>{cell(one.inA, one.durationA)}</Td>
                <Td className={one.errorsB > 0 ? 'ms-bad-text' : ''}>{cell(one.inB, one.durationB)}</Td>
                <Td><Delta micros={one.delta} most={most} /></Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
      )}
    </div>
  );
}

const swapped = ({ text }: Address) => ({
  a: text('b'), b: text('a'), spanA: text('spanB'), spanB: text('spanA'), foldedA: text('foldedB'), foldedB: text('foldedA'),
});

function Ids({ a, b, external }: { a: string; b: string; external: string | undefined }) {
  const t = useT();
  const { push } = useUrlState();
  const [first, setFirst] = useState(a);
  const [second, setSecond] = useState(b);
  useEffect(() => {
    setFirst(a);
    setSecond(b);
  }, [a, b]);
  const good = isTraceId(first) && isTraceId(second);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (good) push({ a: first.trim(), b: second.trim(), spanA: null, spanB: null, foldedA: null, foldedB: null, window: null });
  };
  return (
    <Form onSubmit={submit}>
      <div className="ms-row">
        <label className="ms-field ms-trace-id">
          {t('compare.first')}
          <TextInput value={first} onChange={(_, value) => setFirst(value)} aria-label={t('compare.first')} />
        </label>
        <label className="ms-field ms-trace-id">
          {t('compare.second')}
          <TextInput value={second} onChange={(_, value) => setSecond(value)} aria-label={t('compare.second')} />
        </label>
        <Button type="submit" isDisabled={!good}>
          {t('compare.go')}
        </Button>
        <Button variant="link" isDisabled={a === '' || b === ''} onClick={() => push(swapped)}>
          {t('compare.swap')}
        </Button>
        {external && <ExternalLink href={external}>{t('compare.external')}</ExternalLink>}
      </div>
    </Form>
  );
}

export function ComparePage() {
  const t = useT();
  const { text } = useUrlState();
  const a = text('a');
  const b = text('b');
  const both = isTraceId(a) && isTraceId(b);
  const query = useComparison(a, b, both);
  const url = useTracingInfo().data?.url;
  const external = both ? jaegerCompare(url, a, b) : undefined;
  return (
    <>
      <PageHead title={t('compare.title')} />
      <PageSection>
        <Ids a={a} b={b} external={external} />
        {both ? (
          <Panel query={query} title={t('compare.failed')}>
            {(data) => <Result data={data} />}
          </Panel>
        ) : (
          <Empty title={t('compare.none')}>{t('compare.noneText')}</Empty>
        )}
      </PageSection>
    </>
  );
}
