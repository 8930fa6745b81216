import { Label, LabelGroup } from '@patternfly/react-core';

export const labelsText = (labels: Record<string, string> | null | undefined): string =>
  Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');

export function Labels({ labels, most = 3 }: { labels: Record<string, string> | null | undefined; most?: number }) {
  const all = Object.entries(labels ?? {});
  if (all.length === 0) return null;
  return (
    <LabelGroup numLabels={most}>
      {all.map(([key, value]) => (
        <Label key={key} isCompact variant="outline">
          {key}={value}
        </Label>
      ))}
    </LabelGroup>
  );
}
