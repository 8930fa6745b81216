import { Link, useSearchParams } from 'react-router';
import { useComponents, useTracingInfo } from '@/api/queries';
import { StateLabel } from '@/components/StateLabel';
import { useT } from '@/i18n';
import { componentName } from '@/lib/components';
import { keepShared } from '@/lib/urls';

// How everything that this console asks is, in a line; the reason of what is in trouble.
export function Components() {
  const t = useT();
  const [search] = useSearchParams();
  const components = useComponents();
  const provider = useTracingInfo().data?.provider;
  const all = components.data ?? [];
  if (all.length === 0 && !components.error) return null;
  return (
    <section aria-label={t('overview.components')} className="ms-overview-components" data-testid="overview-components">
      <ul className="ms-row">
        {all.map((one) => (
          <li key={`${one.cluster} ${one.name}`}>
            {componentName(one.name, provider)} <StateLabel component={one} />
          </li>
        ))}
        <li>
          <Link to={keepShared('/status', search)}>{t('overview.status')}</Link>
        </li>
      </ul>
      {components.error && <p className="ms-bad-text">{components.error.message}</p>}
      {all
        .filter((one) => one.reason && one.status !== 'NotReady')
        .map((one) => (
          <p key={`${one.cluster} ${one.name}`} className="ms-reason">
            {componentName(one.name, provider)}: {one.reason?.error}
          </p>
        ))}
    </section>
  );
}
