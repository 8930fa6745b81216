import type { ReactNode } from 'react';
import ExternalLinkAltIcon from '@patternfly/react-icons/dist/esm/icons/external-link-alt-icon';

// A link that leaves the console: one new tab, without a way back for the page that it opens.
export function ExternalLink({ href, children, className, testId }: { href: string; children: ReactNode; className?: string; testId?: string }) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" className={className} data-testid={testId}>
      {children} <ExternalLinkAltIcon aria-hidden />
    </a>
  );
}
