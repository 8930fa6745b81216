import { useEffect, type ReactNode } from 'react';
import { Flex, FlexItem, PageSection, Title } from '@patternfly/react-core';
import { RangeChoice, RefreshChoice } from '@/app/RangeBar';

// Title of a page, with the range of time where the page looks at one. Also the title of the document.
export function PageHead({ title, range = false, above, children }: { title: string; range?: boolean; above?: ReactNode; children?: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Meshscope`;
  }, [title]);
  return (
    <PageSection className="ms-head">
      {above}
      <Flex alignItems={{ default: 'alignItemsCenter' }}>
        <FlexItem grow={{ default: 'grow' }}>
          <Title headingLevel="h1" size="xl">
            {title}
          </Title>
          {children}
        </FlexItem>
        {range && (
          <FlexItem>
            <RangeChoice />
          </FlexItem>
        )}
        <FlexItem>
          <RefreshChoice />
        </FlexItem>
      </Flex>
    </PageSection>
  );
}
