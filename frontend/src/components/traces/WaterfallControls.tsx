import { useId, type ReactNode, type RefObject } from 'react';
import { Button, SearchInput, Switch } from '@patternfly/react-core';
import { useT } from '@/i18n';

export function WaterfallControls(props: {
  lead: ReactNode;
  find: string;
  found: readonly string[];
  chosen: string;
  critical: boolean;
  canCritical: boolean;
  zoomed: boolean;
  field: RefObject<HTMLInputElement | null>;
  onFind: (text: string) => void;
  onCritical: (on: boolean) => void;
  onStep: (next: (chosen: string) => string) => void;
  onFoldAll: () => void;
  onUnfoldAll: () => void;
  onWhole: () => void;
}) {
  const t = useT();
  const id = useId();
  const { find, found, chosen } = props;
  const at = found.indexOf(chosen);
  const step = (by: number) => props.onStep((now) => found[(found.indexOf(now) + by + found.length) % found.length] ?? now);
  return (
    <div className="ms-controls">
      {props.lead}
      <SearchInput
        ref={props.field}
        aria-label={t('trace.find')}
        placeholder={t('trace.find')}
        value={find}
        onChange={(_, value) => props.onFind(value)}
        onClear={() => props.onFind('')}
        onSearch={() => found.length > 0 && step(1)}
        {...(find === '' ? {} : { resultsCount: t('trace.found', { at: at + 1, count: found.length }) })}
        {...(found.length > 0
          ? {
              onNextClick: () => step(1),
              onPreviousClick: () => step(-1),
              nextNavigationButtonAriaLabel: t('trace.next'),
              previousNavigationButtonAriaLabel: t('trace.previous'),
            }
          : {})}
      />
      {props.canCritical && (
        <Switch id={id} label={t('trace.critical')} isChecked={props.critical} onChange={(_, on) => props.onCritical(on)} />
      )}
      <Button variant="link" isInline onClick={props.onUnfoldAll}>
        {t('trace.unfold')}
      </Button>
      <Button variant="link" isInline onClick={props.onFoldAll}>
        {t('trace.foldAll')}
      </Button>
      {props.zoomed && (
        <Button variant="link" isInline onClick={props.onWhole}>
          {t('trace.whole')}
        </Button>
      )}
    </div>
  );
}
