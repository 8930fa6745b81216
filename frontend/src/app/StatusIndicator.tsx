import { Button, Label, Popover } from '@patternfly/react-core';
import CheckCircleIcon from '@patternfly/react-icons/dist/esm/icons/check-circle-icon';
import ExclamationTriangleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon';
import QuestionCircleIcon from '@patternfly/react-icons/dist/esm/icons/question-circle-icon';
import { Link, useSearchParams } from 'react-router';
import { useComponents, useTracingInfo } from '@/api/queries';
import { StateLabel } from '@/components/StateLabel';
import { useT } from '@/i18n';
import { componentName, overall } from '@/lib/components';
import { keepShared } from '@/lib/urls';
import { useFailureNotice } from './notifications';
import { useNotedProbes } from './probeLog';

// How the components are, in one word; all of them on a click or a key.
export function StatusIndicator() {
  const t = useT();
  const [search] = useSearchParams();
  const components = useComponents();
  useNotedProbes(components.data);
  const provider = useTracingInfo().data?.provider;
  const known = components.error ? undefined : components.data;
  useFailureNotice(components.error, t('status.failed'), components.errorUpdateCount);
  const { light, troubled } = overall(known);
  const [only, another] = troubled;
  const bad = only && (another ? t('status.bad', { count: troubled.length }) : `${componentName(only.name, provider)} ${t(`status.${only.status}`)}`);
  const state = light === 'grey' ? t('status.unknown') : (bad ?? t('status.good'));
  const icon = light === 'green' ? <CheckCircleIcon /> : light === 'grey' ? <QuestionCircleIcon /> : <ExclamationTriangleIcon />;
  return (
    <Popover
      headerContent={t('status.title')}
      aria-label={t('status.title')}
      minWidth="22rem"
      bodyContent={
        <ul className="ms-components">
          {components.error && <li>{components.error.message}</li>}
          {(components.data ?? []).map((one) => (
            <li key={`${one.cluster} ${one.name}`} data-testid="component">
              <div>
                <span>{componentName(one.name, provider)}</span> <StateLabel component={one} />
              </div>
              {one.reason && <div className="ms-reason">{one.reason.error}</div>}
            </li>
          ))}
        </ul>
      }
      footerContent={(hide) => (
        <span className="ms-row">
          <Button variant="secondary" size="sm" onClick={() => void components.refetch()}>
            {t('status.retry')}
          </Button>
          <Link to={keepShared('/status', search)} onClick={() => hide()}>
            {t('status.open')}
          </Link>
        </span>
      )}
    >
      <button type="button" className="ms-status" aria-label={t('status.label', { state })} data-testid="status" data-light={light}>
        <Label color={light} icon={icon} isCompact>
          {state}
        </Label>
      </button>
    </Popover>
  );
}
