import { useCallback, useMemo } from 'react';
import { Button, Label, LabelGroup } from '@patternfly/react-core';
import type { SpanFacts } from '@/api/schema.gen';
import { useUrlState } from '@/app/urlState';
import { MultiChoice } from '@/components/MultiChoice';
import { useT, type Translate } from '@/i18n';
import { choicesOf, flipped, kUnknown, readFilters, textOf, type SpanFilter } from '@/lib/spanFilters';

const kName = 'only';

// The filters of spans in the address. Choosing one is an entry of the history.
export function useSpanFilters(): [readonly SpanFilter[], (change: (now: readonly SpanFilter[]) => readonly SpanFilter[]) => void] {
  const { all, push } = useUrlState();
  const texts = all(kName).join('\n');
  const filters = useMemo(() => readFilters(texts.split('\n')), [texts]);
  const choose = useCallback(
    (change: (now: readonly SpanFilter[]) => readonly SpanFilter[]) => push((now) => ({ [kName]: change(readFilters(now.all(kName))).map(textOf) })),
    [push],
  );
  return [filters, choose];
}

function valueText({ category, value }: SpanFilter, t: Translate): string {
  if (category === 'error') return t(value === 'with' ? 'filter.with' : 'filter.without');
  return value === kUnknown ? t('filter.unknown') : value;
}

// Which spans of a trace are shown: one of the values of each category that is chosen.
export function SpanFilters({ spans }: { spans: readonly SpanFacts[] }) {
  const t = useT();
  const [filters, choose] = useSpanFilters();
  const groups = useMemo(
    () =>
      choicesOf(spans).map(({ category, values }) => ({
        title: t(`filter.${category}`),
        options: values.map((value) => ({ value: textOf({ category, value }), text: valueText({ category, value }, t) })),
      })),
    [spans, t],
  );
  return (
    <div className="ms-row ms-filters" data-testid="span-filters">
      <MultiChoice
        label={t('filter.title')}
        chosen={new Set(filters.map(textOf))}
        groups={groups}
        onFlip={(text) => choose((now) => flipped(now, text))}
        testId="span-filter"
      />
      {filters.length > 0 && (
        <>
          <LabelGroup aria-label={t('filter.title')} numLabels={10}>
            {filters.map((one) => (
              <Label
                key={textOf(one)}
                variant="outline"
                closeBtnAriaLabel={t('filter.remove', { filter: `${t(`filter.${one.category}`)} ${valueText(one, t)}` })}
                onClose={() => choose((now) => now.filter((other) => textOf(other) !== textOf(one)))}
              >
                {t(`filter.${one.category}`)}: {valueText(one, t)}
              </Label>
            ))}
          </LabelGroup>
          <Button variant="link" isInline onClick={() => choose(() => [])}>
            {t('filter.clear')}
          </Button>
        </>
      )}
    </div>
  );
}
