import { useMemo } from 'react';
import { Button } from '@patternfly/react-core';
import type { TraceSummary } from '@/api/schema.gen';
import { useUrlState } from '@/app/urlState';
import { Choice } from '@/components/Choice';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { durationBins, parseTook, serviceFacets } from '@/lib/facets';
import type { Summary } from '@/lib/traceSummary';

const kServices = 8;
const kSpans = [0, 2, 5, 10, 20, 50, 100, 500] as const;
const kBar = 44; // px

// How long the traces took that were found: each bar is a button that leaves those.
function Histogram({ traces }: { traces: readonly Summary[] }) {
  const t = useT();
  const { number } = useFormats();
  const { text, replace } = useUrlState();
  const bins = useMemo(() => durationBins(traces), [traces]);
  const most = bins.reduce((top, bin) => Math.max(top, bin.traces), 1);
  const took = text('took');
  const height = (count: number) => (count === 0 ? 0 : Math.max(3, (kBar * count) / most));
  return (
    <div className="ms-histogram" role="group" aria-label={t('facets.durations')}>
      {bins.map((bin) => {
        const key = `${bin.from}-${bin.to}`;
        const said = { from: formatDuration(bin.from), to: formatDuration(bin.to), traces: number(bin.traces), errors: number(bin.errors) };
        return (
          <button
            key={key}
            type="button"
            aria-pressed={took === key}
            aria-label={t('facets.bin', said)}
            title={t('facets.bin', said)}
            disabled={bin.traces === 0 && took !== key}
            onClick={() => replace((now) => ({ took: now.flipped('took', key) }))}
            data-testid="duration-bin"
            data-traces={bin.traces}
          >
            <span style={{ height: height(bin.traces) }} className="ms-bin-good">
              <span style={{ height: height(bin.errors) }} className="ms-bin-bad" />
            </span>
            <small>{said.from}</small>
          </button>
        );
      })}
    </div>
  );
}

function Services({ found }: { found: readonly TraceSummary[] }) {
  const t = useT();
  const { number } = useFormats();
  const { text, push } = useUrlState();
  const all = useMemo(() => serviceFacets(found), [found]);
  const chosen = text('service');
  return (
    <ul className="ms-facets" aria-label={t('facets.services')}>
      {all.slice(0, kServices).map((one) => (
        <li key={one.name}>
          <button
            type="button"
            aria-pressed={chosen === one.name}
            onClick={() => push((now) => ({ service: now.flipped('service', one.name), operation: null }))}
            data-testid="service-facet"
            data-service={one.name}
          >
            {one.name} <span className="ms-reason">{number(one.traces)}</span>
            {one.errors > 0 && <span className="ms-bad-text"> {t('facets.failed', { count: number(one.errors) })}</span>}
          </button>
        </li>
      ))}
      {all.length > kServices && <li className="ms-reason">{t('facets.more', { count: number(all.length - kServices) })}</li>}
    </ul>
  );
}

// What was found, by duration, by service and by number of spans; each narrows it.
export function Facets({ found, traces, left }: { found: readonly TraceSummary[]; traces: readonly Summary[]; left: number }) {
  const t = useT();
  const { number } = useFormats();
  const { text, number: numberOf, replace } = useUrlState();
  const narrow = parseTook(text('took')) !== undefined || numberOf('minSpans', 0) > 0;
  return (
    <section className="ms-facets-row" aria-label={t('facets.title')} data-testid="facets">
      <Histogram traces={traces} />
      <Services found={found} />
      <Choice<number>
        label={t('facets.minSpans')}
        value={numberOf('minSpans', 0)}
        options={kSpans.map((value) => ({ value, text: value === 0 ? t('facets.anySpans') : t('facets.spans', { count: number(value) }) }))}
        onChoose={(value) => replace({ minSpans: value === 0 ? null : String(value) })}
      />
      {narrow && (
        <span role="status" data-testid="narrowed">
          {t('facets.left', { left: number(left), count: number(traces.length) })}{' '}
          <Button variant="link" isInline onClick={() => replace({ took: null, minSpans: null })}>
            {t('facets.all')}
          </Button>
        </span>
      )}
    </section>
  );
}
