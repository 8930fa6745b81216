import { memo } from 'react';
import InfoCircleIcon from '@patternfly/react-icons/dist/esm/icons/info-circle-icon';
import { Link } from 'react-router';
import type { LogEntry } from '@/api/schema.gen';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { isSpan, pieces, type Entry } from '@/lib/logs';

function Message({ text, mark }: { text: string; mark: RegExp | undefined }) {
  return (
    <>
      {pieces(text, mark).map((piece, at) => (at % 2 === 1 ? <mark key={`${at} ${piece}`}>{piece}</mark> : piece))}
    </>
  );
}

// One line or span. Only the row on which the keyboard stands is in the order of Tab.
export const LogRow = memo(function LogRow({ entry, mark, whose, current, onPoint, onFields, spanPath }: {
  entry: Entry;
  mark: RegExp | undefined;
  whose: boolean;
  current: boolean;
  onPoint: (entry: Entry) => void;
  onFields: (entry: LogEntry) => void;
  spanPath: (traceId: string, spanId: string) => string;
}) {
  const t = useT();
  const { precise, dateTime } = useFormats();
  const tab = current ? 0 : -1;
  const time = (
    <time dateTime={new Date(entry.time / 1000).toISOString()} title={dateTime(entry.time / 1000)}>
      {precise(entry.time / 1000)}
    </time>
  );
  if (isSpan(entry)) {
    return (
      <>
        {time}
        <Link to={spanPath(entry.traceID, entry.spanID)} tabIndex={tab} className="ms-log-text" onFocus={() => onPoint(entry)} data-main>
          {t('logs.span', { service: entry.service, operation: entry.operation, duration: formatDuration(entry.duration) })}
          {entry.error && <strong className="ms-log-bad"> {t('logs.spanFailed')}</strong>}
        </Link>
      </>
    );
  }
  return (
    <>
      {time}
      {whose && <span className="ms-log-whose">{entry.pod}</span>}
      <button type="button" className="ms-log-text" tabIndex={tab} onClick={() => onPoint(entry)} title={`${entry.pod}, ${entry.container}`} data-main>
        <Message text={entry.message} mark={mark} />
      </button>
      {entry.access && (
        <button type="button" className="ms-log-icon" tabIndex={tab} aria-label={t('logs.fields')} onClick={() => onFields(entry)} data-testid="log-fields">
          <InfoCircleIcon />
        </button>
      )}
      {entry.span && (
        <Link to={spanPath(entry.span.traceID, entry.span.spanID)} tabIndex={tab} className="ms-log-icon ms-log-span" data-testid="log-span">
          {t('logs.openSpan')}
        </Link>
      )}
    </>
  );
});
