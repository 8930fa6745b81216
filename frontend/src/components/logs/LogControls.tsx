import { useEffect, useState } from 'react';
import { Checkbox, HelperText, HelperTextItem, Switch, TextInput, Toolbar, ToolbarContent, ToolbarItem } from '@patternfly/react-core';
import { useUrlState } from '@/app/urlState';
import { Choice } from '@/components/Choice';
import { useFormats, useT } from '@/i18n';
import { compiled } from '@/lib/logs';

export const kTails = [100, 500, 1000, 3000, 5000, 10_000, 25_000] as const;
export const kDefaultTail = 500;

// From the least to the most severe, as the server ranks them.
const kLevels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;
export const levelOf = (text: string): string => kLevels.find((one) => one === text) ?? '';

// What is looked for in lines, taken over with Enter; an expression that cannot be read is said and changes nothing.
function SearchField({ name, label, regex }: { name: string; label: string; regex: boolean }) {
  const t = useT();
  const { text, replace } = useUrlState();
  const kept = text(name);
  const [written, setWritten] = useState(kept);
  useEffect(() => setWritten(kept), [kept]);
  const good = compiled({ text: written, regex }) !== undefined;
  const commit = () => good && written !== kept && replace({ [name]: written });
  return (
    <label className="ms-field">
      {label}
      <TextInput
        value={written}
        aria-label={label}
        validated={good ? 'default' : 'error'}
        onChange={(_, value) => setWritten(value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === 'Enter' && commit()}
      />
      {!good && (
        <HelperText isLiveRegion data-testid="log-wrong">
          <HelperTextItem variant="error">{t('logs.wrong')}</HelperTextItem>
        </HelperText>
      )}
    </label>
  );
}

export function LogControls({ pods, tail, spans, canSpans, follow, previous }: {
  pods: readonly string[];
  tail: number;
  spans: boolean;
  canSpans: boolean;
  follow: boolean;
  previous: boolean; // lines from before the last restart
}) {
  const t = useT();
  const { number } = useFormats();
  const { text, flag, replace } = useUrlState();
  const regex = flag('regex');
  const sizes = kTails.some((one) => one === tail) ? kTails : [...kTails, tail].sort((a, b) => a - b);
  return (
    <Toolbar>
      <ToolbarContent alignItems="center">
        <ToolbarItem>
          <Choice
            label={t('logs.pod')}
            value={text('pod')}
            options={[{ value: '', text: t('logs.allPods') }, ...pods.map((value) => ({ value, text: value }))]}
            onChoose={(pod) => replace({ pod })}
          />
        </ToolbarItem>
        <ToolbarItem>
          <Choice
            label={t('logs.tail')}
            value={tail}
            options={sizes.map((value) => ({ value, text: t('logs.tailOf', { count: number(value) }) }))}
            onChoose={(value) => replace({ tail: value === kDefaultTail ? null : String(value) })}
          />
        </ToolbarItem>
        <ToolbarItem>
          <Choice
            label={t('logs.level')}
            value={levelOf(text('level'))}
            options={[{ value: '', text: t('logs.allLevels') }, ...kLevels.slice(1).map((value) => ({ value, text: t('logs.levelOf', { level: value }) }))]}
            onChoose={(level) => replace({ level })}
          />
        </ToolbarItem>
        <ToolbarItem>
          <SearchField name="show" label={t('logs.show')} regex={regex} />
        </ToolbarItem>
        <ToolbarItem>
          <SearchField name="without" label={t('logs.hide')} regex={regex} />
        </ToolbarItem>
        <ToolbarItem>
          <SearchField name="highlight" label={t('logs.highlight')} regex={regex} />
        </ToolbarItem>
        <ToolbarItem>
          <Checkbox id="logs-regex" label={t('logs.regex')} isChecked={regex} onChange={(_, on) => replace({ regex: on ? 'true' : null })} />
        </ToolbarItem>
        {canSpans && (
          <ToolbarItem>
            <Checkbox id="logs-spans" label={t('logs.spans')} isChecked={spans} onChange={(_, on) => replace({ spans: on ? null : 'false' })} />
          </ToolbarItem>
        )}
        <ToolbarItem>
          <Checkbox
            id="logs-previous"
            label={t('logs.previous')}
            isChecked={previous}
            onChange={(_, on) => replace({ previous: on ? 'true' : null, follow: null })}
          />
        </ToolbarItem>
        <ToolbarItem>
          <Switch id="logs-follow" label={t('logs.follow')} isChecked={follow} onChange={(_, on) => replace({ follow: on ? 'true' : null, previous: null })} />
        </ToolbarItem>
      </ToolbarContent>
    </Toolbar>
  );
}
