import { useState } from 'react';
import { ExpandableSection, Label, Title } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { Link } from 'react-router';
import { useExplanation, useWorkloadOf } from '@/api/explain';
import type { TracingExplanation } from '@/api/schema.gen';
import { useUrlState } from '@/app/urlState';
import { useFormats, useT } from '@/i18n';
import type { Window } from '@/lib/range';
import { keepShared, type Kind } from '@/lib/urls';
import { CopyText } from './CopyText';
import { Facts } from './Facts';
import { Loading } from './states';

const kWhile = 60e6; // µs
const kSure = { certain: 'blue', likely: 'teal', possible: 'grey' } as const;

// The setting to change, as it is and as it should be.
function Change({ change }: { change: NonNullable<TracingExplanation['verdict']['change']> }) {
  const t = useT();
  return (
    <Facts
      facts={[
        [t('explain.setting'), <code key="key" data-testid="explained-setting">{change.key}</code>],
        [t('explain.from'), change.from !== undefined && <code key="from">{change.from === '' ? t('explain.empty') : change.from}</code>],
        [
          t('explain.to'),
          change.to !== undefined && (
            <span key="to">
              <code data-testid="explained-value">{change.to}</code> <CopyText text={change.to} label={change.key} />
            </span>
          ),
        ],
      ]}
    />
  );
}

// What was looked at, step by step, and the names that were searched for.
function Steps({ found }: { found: TracingExplanation }) {
  const t = useT();
  const { number } = useFormats();
  const { flag, replace } = useUrlState();
  const open = flag('steps');
  return (
    <ExpandableSection toggleText={t('explain.steps')} isExpanded={open} onToggle={(_, now) => replace({ steps: now ? 'true' : null })}>
      {open && (
        <>
          <Table aria-label={t('explain.steps')} variant="compact" borders={false} data-testid="explained-steps">
            <Thead>
              <Tr>
                <Th width={20}>{t('explain.step')}</Th>
                <Th width={15}>{t('explain.state')}</Th>
                <Th>{t('explain.evidence')}</Th>
              </Tr>
            </Thead>
            <Tbody>
              {found.ladder.map((one) => (
                <Tr key={one.rung} data-testid={`rung-${one.rung}`}>
                  <Td dataLabel={t('explain.step')}>{t(`explain.rung.${one.rung}`)}</Td>
                  <Td dataLabel={t('explain.state')} className={one.state === 'failed' ? 'ms-bad-text' : ''}>{t(`explain.state.${one.state}`)}</Td>
                  <Td dataLabel={t('explain.evidence')} className="ms-value">{one.evidence}</Td>
                </Tr>
              ))}
            </Tbody>
          </Table>
          {found.tried.length > 0 && (
            <p className="ms-reason">
              {t('explain.tried')}: {found.tried.map((one) => t('explain.name', { name: one.service, traces: number(one.traces), own: number(one.ofWorkload) })).join('; ')}
            </p>
          )}
        </>
      )}
    </ExpandableSection>
  );
}

// Why there are no traces of that workload; nothing when there are some.
export function WorkloadExplanation({ namespace, workload, window }: { namespace: string; workload: string; window: Window }) {
  const t = useT();
  const { search } = useUrlState();
  // A range that moves on with every refresh is asked about once in a while.
  const [asked, setAsked] = useState(window);
  const moved = Math.max(Math.abs(window.startMicros - asked.startMicros), Math.abs(window.endMicros - asked.endMicros));
  if (moved > kWhile) setAsked(window);
  const { data, error } = useExplanation(namespace, workload, asked);
  if (data?.verdict.code === 'not_empty') return null; // what is asked for narrows it
  return (
    <section className="ms-explanation" aria-label={t('explain.title')} aria-live="polite" data-testid="explanation">
      <Title headingLevel="h3" size="md">
        {t('explain.title')} {data && <Label isCompact color={kSure[data.verdict.certainty]}>{t(`explain.${data.verdict.certainty}`)}</Label>}
      </Title>
      {!data && !error && <Loading rows={2} />}
      {error && <p className="ms-reason">{t('explain.failed', { cause: error.message })}</p>}
      {data && (
        <div data-testid="why" data-code={data.verdict.code}>
          <p>{data.verdict.summary}</p>
          {data.verdict.change && <Change change={data.verdict.change} />}
          <Steps found={data} />
        </div>
      )}
      <Link to={keepShared('/status', search, { diagnose: 'true' })}>{t('explain.diagnose')}</Link>
    </section>
  );
}

// Why there are no traces of that, below the panel that has none. Nothing while nobody knows which workload to ask about.
export function Explanation({ kind, namespace, name, window }: { kind: Kind; namespace: string; name: string; window: Window }) {
  const workload = useWorkloadOf(kind, namespace, name);
  return workload === undefined ? null : <WorkloadExplanation namespace={namespace} workload={workload} window={window} />;
}
