import { useMemo } from 'react';
import { Link } from 'react-router';
import { useWorkloads } from '@/api/queries';
import { useChosenNamespaces, useUrlState } from '@/app/urlState';
import { Choice } from '@/components/Choice';
import { WorkloadExplanation } from '@/components/Explanation';
import { useT } from '@/i18n';
import type { Window } from '@/lib/range';
import { keepShared } from '@/lib/urls';
import { behind } from '@/lib/whom';

const kOffered = 200;

// Why a search finds nothing, or fails: asked of one of the workloads that the service may be, which the address keeps.
export function SearchReason({ service, window }: { service: string; window: Window }) {
  const t = useT();
  const { search, text, replace } = useUrlState();
  const [namespaces] = useChosenNamespaces();
  const { data } = useWorkloads(namespaces);
  const known = useMemo(() => behind(service, data?.workloads ?? []).slice(0, kOffered), [service, data]);
  const nameOf = (one: { namespace: string; name: string }) => `${one.namespace}/${one.name}`;
  const asked = known.find((one) => nameOf(one) === text('why')) ?? known[0];
  if (!asked) {
    return (
      <p className="ms-explanation" data-testid="search-reason">
        <Link to={keepShared('/status', search, { diagnose: 'true' })}>{t('explain.diagnose')}</Link>
      </p>
    );
  }
  return (
    <div data-testid="search-reason">
      {known.length > 1 && (
        <div className="ms-row ms-asked">
          <span>{t('explain.whom')}</span>
          <Choice label={t('explain.whom')} value={nameOf(asked)} options={known.map((one) => ({ value: nameOf(one), text: nameOf(one) }))} onChoose={(why) => replace({ why: known[0] && why === nameOf(known[0]) ? null : why })} />
        </div>
      )}
      <WorkloadExplanation key={nameOf(asked)} namespace={asked.namespace} workload={asked.name} window={window} />
    </div>
  );
}
