import { Label } from '@patternfly/react-core';
import CheckCircleIcon from '@patternfly/react-icons/dist/esm/icons/check-circle-icon';
import ExclamationTriangleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon';
import QuestionCircleIcon from '@patternfly/react-icons/dist/esm/icons/question-circle-icon';
import type { ComponentStatus } from '@/api/schema.gen';
import { useT } from '@/i18n';

const kLook = {
  Healthy: { color: 'green', icon: <CheckCircleIcon /> },
  NotReady: { color: 'blue', icon: <QuestionCircleIcon /> },
  Unknown: { color: 'grey', icon: <QuestionCircleIcon /> },
  NotFound: { color: 'orange', icon: <ExclamationTriangleIcon /> },
  Unhealthy: { color: 'orange', icon: <ExclamationTriangleIcon /> },
  Unreachable: { color: 'orange', icon: <ExclamationTriangleIcon /> },
} as const;

export function StateLabel({ component }: { component: ComponentStatus }) {
  const t = useT();
  const look = kLook[component.status];
  const core = component.isCore && look.color === 'orange';
  return (
    <Label isCompact variant="outline" color={core ? 'red' : look.color} icon={look.icon}>
      {t(`status.${component.status}`)}
    </Label>
  );
}
