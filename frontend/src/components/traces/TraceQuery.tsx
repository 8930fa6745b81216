import { useEffect, useState } from 'react';
import { Checkbox, HelperText, HelperTextItem, TextInput } from '@patternfly/react-core';
import { useUrlState } from '@/app/urlState';
import { Choice } from '@/components/Choice';
import { useT } from '@/i18n';
import { formatDuration, parseDuration } from '@/lib/duration';

export const kLimits = [10, 20, 50, 100, 200, 500, 1000] as const;
export const kDefaultLimit = 100;

// A duration in the address (µs) as a field; what cannot be read is said and does not count.
export function DurationField({ name, label }: { name: string; label: string }) {
  const t = useT();
  const { number, replace } = useUrlState();
  const micros = number(name, 0);
  const written = micros > 0 ? formatDuration(micros) : '';
  const [text, setText] = useState(written);
  useEffect(() => setText(written), [written]);
  const parsed = text.trim() === '' ? 0 : parseDuration(text);
  const commit = () => {
    if (parsed !== undefined && parsed !== micros) replace({ [name]: parsed > 0 ? String(parsed) : null });
  };
  return (
    <label className="ms-field">
      {label}
      <TextInput
        value={text}
        aria-label={label}
        placeholder="100ms"
        validated={parsed === undefined ? 'error' : 'default'}
        onChange={(_, value) => setText(value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === 'Enter' && commit()}
      />
      {parsed === undefined && (
        <HelperText isLiveRegion>
          <HelperTextItem variant="error">{t('traces.durationWrong')}</HelperTextItem>
        </HelperText>
      )}
    </label>
  );
}

export function ErrorsOnly() {
  const t = useT();
  const { flag, replace } = useUrlState();
  return (
    <Checkbox
      id="errors-only"
      label={t('traces.errorsOnly')}
      isChecked={flag('errs')}
      onChange={(_, checked) => replace({ errs: checked ? 'true' : null })}
    />
  );
}

export function LimitChoice() {
  const t = useT();
  const { number, replace } = useUrlState();
  return (
    <Choice
      label={t('traces.limit')}
      value={number('limit', kDefaultLimit)}
      options={kLimits.map((value) => ({ value, text: t('traces.limitOf', { count: value }) }))}
      onChoose={(value) => replace({ limit: value === kDefaultLimit ? null : String(value) })}
    />
  );
}
