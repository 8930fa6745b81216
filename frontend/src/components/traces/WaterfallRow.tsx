import { memo } from 'react';
import AngleDownIcon from '@patternfly/react-icons/dist/esm/icons/angle-down-icon';
import AngleRightIcon from '@patternfly/react-icons/dist/esm/icons/angle-right-icon';
import ExclamationCircleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-circle-icon';
import ExclamationTriangleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon';
import type { SpanFacts } from '@/api/schema.gen';
import { useT, type Translate } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import type { Stretch } from '@/lib/criticalPath';
import { barPlace } from '@/lib/rows';
import { serviceColor } from '@/lib/serviceColors';
import type { View } from '@/lib/view';

export const kRowHeight = 30;
const kIndent = 14;

export type RowLook = { active: boolean; chosen: boolean; found: boolean; folded: boolean; troubled: boolean }; // `troubled`: an error is below it

// What the called side took of a call, inside of the caller's bar: what is left at both ends is the way there and back.
function Server({ span, server, view }: { span: SpanFacts; server: SpanFacts; view: View }) {
  const t = useT();
  const inside = server.startTime >= span.startTime && server.startTime + server.duration <= span.startTime + span.duration;
  const place = inside ? barPlace(server.relativeStart, server.duration, view.from, view.to) : undefined;
  return place && <span className="ms-bar-server" style={{ left: `${place.left}%`, width: `${place.width}%` }} title={gapText(span, t)} data-testid="bar-server" />;
}

const gapText = (span: SpanFacts, t: Translate): string => {
  const gap = span.pair?.gap ?? null;
  return gap === null ? '' : t('span.gap', { gap: formatDuration(Number(gap)) });
};

function Bar({ span, server, view, critical }: { span: SpanFacts; server: SpanFacts | undefined; view: View; critical: readonly Stretch[] | undefined }) {
  const place = barPlace(span.relativeStart, span.duration, view.from, view.to);
  if (!place) return null;
  const after = 100 - place.left - place.width;
  const label =
    place.width > 75 ? { right: `${after}%` } : place.left > after ? { right: `${100 - place.left}%` } : { left: `${place.left + place.width}%` };
  const start = span.startTime - span.relativeStart;
  return (
    <>
      <span
        className={`ms-bar${span.error ? ' ms-bar-bad' : ''}`}
        style={{ left: `${place.left}%`, width: `max(2px, ${place.width}%)`, backgroundColor: serviceColor(span.service) }}
        data-testid="bar"
      />
      {server && <Server span={span} server={server} view={view} />}
      {critical?.map((stretch) => {
        const part = barPlace(stretch.from - start, stretch.to - stretch.from, view.from, view.to);
        return part && <span key={stretch.from} className="ms-critical" data-testid="critical" style={{ left: `${part.left}%`, width: `${part.width}%` }} />;
      })}
      <span className={place.width > 75 ? 'ms-bar-label ms-inside' : 'ms-bar-label'} style={label}>
        {formatDuration(span.duration)}
      </span>
    </>
  );
}

export const WaterfallRow = memo(function WaterfallRow({ span, server, at, top, view, look, critical, onFold, onChoose }: {
  span: SpanFacts;
  server: SpanFacts | undefined; // of the call that a client's span is of
  at: number;
  top: number;
  view: View;
  look: RowLook;
  critical: readonly Stretch[] | undefined;
  onFold: (id: string) => void;
  onChoose: (id: string, at: number) => void;
}) {
  const t = useT();
  const name = span.redacted ? t('trace.redacted') : span.operationName;
  const hides = look.folded && look.troubled && !span.error;
  const classes = ['ms-span', look.active && 'ms-active', look.chosen && 'ms-chosen', look.found && 'ms-found'].filter(Boolean).join(' ');
  return (
    <div
      id={`span-${span.spanID}`}
      role="row"
      aria-level={span.depth + 1}
      aria-rowindex={at + 1}
      aria-selected={look.chosen}
      {...(span.children > 0 ? { 'aria-expanded': !look.folded } : {})}
      aria-label={`${t('trace.row', {
        service: span.service ?? '–',
        operation: name,
        duration: formatDuration(span.duration),
        error: span.error ? t('trace.rowError') : hides ? `, ${t('trace.failedBelow')}` : '',
      })}${server && gapText(span, t) !== '' ? `, ${gapText(span, t)}` : ''}`}
      className={classes}
      data-testid="span-row"
      data-span={span.spanID}
      style={{ transform: `translateY(${top}px)`, height: kRowHeight }}
      onClick={() => onChoose(span.spanID, at)}
    >
      <div role="gridcell" className="ms-span-name" style={{ paddingLeft: 4 + Math.min(span.depth, 30) * kIndent }}>
        {span.children > 0 ? (
          <button
            type="button"
            tabIndex={-1}
            aria-label={t(look.folded ? 'trace.unfoldOne' : 'trace.fold', { name })}
            onClick={(event) => {
              event.stopPropagation();
              onFold(span.spanID);
            }}
          >
            {look.folded ? <AngleRightIcon /> : <AngleDownIcon />}
          </button>
        ) : (
          <span className="ms-no-fold" />
        )}
        <span className="ms-service" style={{ borderColor: serviceColor(span.service) }} title={span.service ?? ''}>
          {span.service?.split('.')[0] ?? '–'}
        </span>
        {span.error && <ExclamationCircleIcon className="ms-bad-text" />}
        {hides && (
          <span className="ms-bad-text" title={t('trace.failedBelow')} data-testid="failed-below">
            <ExclamationTriangleIcon />
          </span>
        )}
        {span.flags.map((flag) => (
          <abbr key={flag.code} title={flag.meaning}>
            {flag.code}
          </abbr>
        ))}
        <span className="ms-operation" title={name}>
          {name}
        </span>
      </div>
      <div role="gridcell" className="ms-span-time">
        <Bar span={span} server={server} view={view} critical={critical} />
      </div>
    </div>
  );
});
