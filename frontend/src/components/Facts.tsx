import type { ReactNode } from 'react';
import { DescriptionList, DescriptionListDescription, DescriptionListGroup, DescriptionListTerm } from '@patternfly/react-core';

export type Fact = readonly [term: string, value: ReactNode];

// Terms and values; what has no value has no line.
export function Facts({ facts, className }: { facts: readonly Fact[]; className?: string }) {
  return (
    <DescriptionList isHorizontal isCompact className={className}>
      {facts
        .filter(([, value]) => value !== null && value !== undefined && value !== '' && value !== false)
        .map(([term, value]) => (
          <DescriptionListGroup key={term}>
            <DescriptionListTerm>{term}</DescriptionListTerm>
            <DescriptionListDescription>{value}</DescriptionListDescription>
          </DescriptionListGroup>
        ))}
    </DescriptionList>
  );
}
