import { useState } from 'react';
import { ExpandableSection, Label, Spinner } from '@patternfly/react-core';
import { useExplanation } from '@/api/queries';
import type { TracingExplanation } from '@/api/schema.gen';
import { useT } from '@/i18n';
import type { Window } from '@/lib/range';

function Ladder({ found }: { found: TracingExplanation }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  return (
    <ExpandableSection toggleText={t('why.ladder')} isExpanded={open} onToggle={(_, now) => setOpen(now)}>
      {open && (
        <ul className="ms-why-ladder">
          {found.ladder.map((one) => (
            <li key={one.rung} data-testid={`rung-${one.rung}`}>
              {t(`why.${one.rung}`)}: <strong>{t(one.state === 'failed' ? 'why.failedState' : `why.${one.state}`)}</strong>
              {one.evidence && <div className="ms-reason">{one.evidence}</div>}
            </li>
          ))}
          {found.tried.map((one) => (
            <li key={one.service}>{t('why.tried', { service: one.service, traces: one.traces, mine: one.ofWorkload })}</li>
          ))}
        </ul>
      )}
    </ExpandableSection>
  );
}

// Why a workload has no traces in a window: what the server found out, and the setting to change.
export function WhyEmpty({ namespace, workload, window }: { namespace: string; workload: string; window: Window }) {
  const t = useT();
  const query = useExplanation(namespace, workload, window);
  const found = query.data;
  if (query.error) return <p className="ms-reason">{t('why.failed', { reason: query.error.message })}</p>;
  if (!found) {
    return (
      <p role="status">
        <Spinner size="md" aria-label={t('why.asking')} /> {t('why.asking')}
      </p>
    );
  }
  const { code, certainty, summary, change } = found.verdict;
  if (code === 'not_empty') return null; // what is asked for here narrows it
  return (
    <div className="ms-why" data-testid="why" data-code={code}>
      <p>
        <strong>{t('why.title')}</strong> <Label isCompact>{t(`why.${certainty}`)}</Label> {summary}
      </p>
      {change && (
        <p data-testid="why-change">
          {t('why.change')} <code>{change.key}</code> {change.from !== undefined && t('why.from', { value: change.from })}{' '}
          {change.to !== undefined && t('why.to', { value: change.to })}
        </p>
      )}
      <Ladder found={found} />
    </div>
  );
}
