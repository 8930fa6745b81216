import type { ReactNode } from 'react';
import { ExpandableSection } from '@patternfly/react-core';
import { useListed } from '@/app/urlState';

// A section that can be opened. The address lists, under `list`, those that are not as usual: the open ones, or of those that are open to
// begin with the closed ones. Tables that say the same as a picture are in the list `tables`.
export function Foldout({ list, name, title, usual = false, testId, children }: {
  list: string;
  name: string;
  title: string;
  usual?: boolean; // open?
  testId?: string;
  children: () => ReactNode;
}) {
  const [has, put] = useListed(list);
  const open = has(name) !== usual;
  return (
    <ExpandableSection toggleText={title} isExpanded={open} onToggle={(_, now) => put(name, now !== usual)} data-testid={testId}>
      {open && children()}
    </ExpandableSection>
  );
}
