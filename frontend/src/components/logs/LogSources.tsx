import { Alert, Button, Checkbox, Label } from '@patternfly/react-core';
import type { LogSource } from '@/api/schema.gen';
import { useListed } from '@/app/urlState';
import { useFormats, useT } from '@/i18n';

const kTroubled: ReadonlySet<LogSource['state']> = new Set(['failed', 'forbidden', 'cut']);

// The containers: which are shown, how many lines each has, and which could not be read.
export function LogSources({ sources, hidden, tail, onTail }: {
  sources: readonly LogSource[];
  hidden: ReadonlySet<string>;
  tail: number;
  onTail: (tail: number) => void;
}) {
  const t = useT();
  const { number } = useFormats();
  const [, hide] = useListed('hideContainers');
  const names = [...new Set(sources.map((one) => one.container))];
  const more = sources.filter((one) => one.more && !hidden.has(one.container));
  const most = Math.min(25_000, tail * 5);
  return (
    <div className="ms-log-sources">
      <div className="ms-row" role="group" aria-label={t('logs.containers')}>
        {names.map((name) => {
          const mine = sources.filter((one) => one.container === name);
          const troubled = mine.filter((one) => kTroubled.has(one.state));
          const lines = mine.reduce((sum, one) => sum + one.lines, 0);
          return (
            <span key={name} className="ms-row" data-testid="log-source" data-container={name}>
              <Checkbox
                id={`container-${name}`}
                label={
                  <>
                    <span className={`ms-log-key ms-log-key-${mine[0]?.kind ?? 'app'}`} aria-hidden /> {name}
                  </>
                }
                isChecked={!hidden.has(name)}
                onChange={(_, on) => hide(name, !on)}
              />
              {troubled.length === 0 && (
                <small className="ms-reason">
                  {t(lines > 0 ? 'logs.state.ok' : `logs.state.${mine[0]?.state ?? 'empty'}`, { count: number(lines) })}
                </small>
              )}
              {troubled.map((one) => (
                <Label key={one.pod} isCompact color="red" data-testid="log-source-failed">
                  {one.pod}: {t(`logs.state.${one.state}`, { count: number(one.lines) })}
                  {one.reason ? `, ${one.reason}` : ''}
                </Label>
              ))}
            </span>
          );
        })}
      </div>
      {more.length > 0 && (
        <Alert
          isInline
          isPlain
          variant="info"
          title={t('logs.more', { names: [...new Set(more.map((one) => one.container))].join(', ') })}
          data-testid="log-more"
          actionLinks={
            most > tail && (
              <Button variant="link" isInline onClick={() => onTail(most)}>
                {t('logs.moreNow', { count: number(most) })}
              </Button>
            )
          }
        />
      )}
    </div>
  );
}
