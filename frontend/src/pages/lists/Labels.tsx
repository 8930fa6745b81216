import { Label, LabelGroup } from '@patternfly/react-core';
import { useT } from '@/i18n';

export const labelsText = (labels: Record<string, string> | null | undefined): string =>
  Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');

export function Labels({ labels, most = 3 }: { labels: Record<string, string> | null | undefined; most?: number }) {
  const t = useT();
  const all = Object.entries(labels ?? {});
  if (all.length === 0) return null;
  return (
    <LabelGroup numLabels={most} collapsedText={t('list.moreLabels', { count: all.length - most })} expandedText={t('list.fewerLabels')} aria-label={t('list.labels')}>
      {all.map(([key, value]) => (
        <Label key={key} isCompact variant="outline">
          {key}={value}
        </Label>
      ))}
    </LabelGroup>
  );
}
