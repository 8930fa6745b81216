import { Label } from '@patternfly/react-core';
import CheckCircleIcon from '@patternfly/react-icons/dist/esm/icons/check-circle-icon';
import ExclamationCircleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-circle-icon';
import ExclamationTriangleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon';
import PendingIcon from '@patternfly/react-icons/dist/esm/icons/pending-icon';
import QuestionCircleIcon from '@patternfly/react-icons/dist/esm/icons/question-circle-icon';
import type { HealthWord } from '@/api/schema.gen';
import { useT } from '@/i18n';

const kLook = {
  Failure: { color: 'red', icon: <ExclamationCircleIcon /> },
  Degraded: { color: 'orange', icon: <ExclamationTriangleIcon /> },
  'Not Ready': { color: 'blue', icon: <PendingIcon /> },
  Healthy: { color: 'green', icon: <CheckCircleIcon /> },
  NA: { color: 'grey', icon: <QuestionCircleIcon /> },
} as const;

// How something is, as a word with a colour and a sign; with `count`, how many are so.
export function HealthLabel({ health, count }: { health: HealthWord; count?: number }) {
  const t = useT();
  const { color, icon } = kLook[health];
  return (
    <Label isCompact variant="outline" color={color} icon={icon} data-health={health}>
      {count === undefined ? '' : `${count} `}
      {t(`health.${health}`)}
    </Label>
  );
}
