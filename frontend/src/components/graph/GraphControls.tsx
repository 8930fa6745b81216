import { useEffect, useState, type KeyboardEvent } from 'react';
import { Button, Checkbox, Popover, SearchInput, Toolbar, ToolbarContent, ToolbarItem } from '@patternfly/react-core';
import QuestionCircleIcon from '@patternfly/react-icons/dist/esm/icons/outlined-question-circle-icon';
import type { GraphQuestion } from '@/api/graph';
import { useUrlState } from '@/app/urlState';
import { Choice } from '@/components/Choice';
import { useT } from '@/i18n';
import type { MessageKey } from '@/i18n/catalog';
import { kBoxes, kEdgeLabels, kGraphTypes, type BoxBy, type EdgeLabel, type GraphType } from '@/lib/graphView';

export const labelOf = (text: string): EdgeLabel => kEdgeLabels.find((one) => one === text) ?? 'rate';

const kBoxText: Record<BoxBy, MessageKey> = {
  none: 'graph.boxes.none', namespace: 'graph.boxes.namespace', app: 'graph.boxes.app', 'namespace,app': 'graph.boxes.both', cluster: 'graph.boxes.cluster',
};

// What the graph is of, and how it is drawn.
export function GraphControls({ question }: { question: GraphQuestion }) {
  const t = useT();
  const { text, replace } = useUrlState();
  return (
    <Toolbar>
      <ToolbarContent alignItems="center">
        <ToolbarItem>
          <Choice<GraphType>
            label={t('graph.type')}
            value={question.graphType}
            options={kGraphTypes.map((value) => ({ value, text: t(`graph.type.${value}`) }))}
            onChoose={(value) => replace({ graphType: value, node: null, edge: null, view: null })}
          />
        </ToolbarItem>
        <ToolbarItem>
          <Choice<EdgeLabel>
            label={t('graph.label')}
            value={labelOf(text('edges'))}
            options={kEdgeLabels.map((value) => ({ value, text: t(`graph.label.${value}`) }))}
            onChoose={(value) => replace({ edges: value === 'rate' ? null : value })}
          />
        </ToolbarItem>
        <ToolbarItem>
          <Choice<BoxBy>
            label={t('graph.boxes')}
            value={question.boxBy}
            options={kBoxes.map((value) => ({ value, text: t(kBoxText[value]) }))}
            onChoose={(value) => replace({ boxBy: value === 'none' ? null : value, view: null })}
          />
        </ToolbarItem>
        <ToolbarItem>
          <Checkbox id="graph-services" label={t('graph.services')} isChecked={question.services} onChange={(_, on) => replace({ injectServiceNodes: on ? 'true' : null, view: null })} />
        </ToolbarItem>
        <ToolbarItem>
          <Checkbox id="graph-idle" label={t('graph.idle')} isChecked={question.idle} onChange={(_, on) => replace({ idle: on ? 'true' : null })} />
        </ToolbarItem>
      </ToolbarContent>
    </Toolbar>
  );
}

const kPause = 250; // ms without a key until what was typed counts

// A search in the address: what is typed counts when the typing pauses.
function SearchField({ name, label, wrong, result, onEnter }: { name: string; label: string; wrong: string | undefined; result: string; onEnter?: () => void }) {
  const t = useT();
  const { text, replace } = useUrlState();
  const kept = text(name);
  const [typed, setTyped] = useState(kept);
  useEffect(() => setTyped(kept), [kept]);
  useEffect(() => {
    if (typed === kept) return undefined;
    const timer = setTimeout(() => replace({ [name]: typed }), kPause);
    return () => clearTimeout(timer);
  }, [typed, kept, name, replace]);
  return (
    <div className="ms-field ms-graph-search">
      <SearchInput
        aria-label={label}
        placeholder={label}
        value={typed}
        onChange={(_, value) => setTyped(value)}
        onClear={() => setTyped('')}
        onKeyDown={(event: KeyboardEvent) => event.key === 'Enter' && typed === kept && onEnter?.()}
        data-testid={`graph-${name}`}
      />
      <span role="status" className={wrong === undefined ? 'ms-reason' : 'ms-bad-text'} data-testid={`graph-${name}-result`}>
        {wrong === undefined ? result : t('graph.wrongWord', { word: wrong })}
      </span>
    </div>
  );
}

const kHelp: ReadonlyArray<[string, MessageKey]> = [
  ['reviews v2', 'graph.help.text'],
  ['namespace:bookinfo', 'graph.help.key'],
  ['rate>1 errors>=5 rt>100 bytes>0', 'graph.help.number'],
  ['idle failing mtls outside unhealthy', 'graph.help.mark'],
  ['mark:circuit', 'graph.help.badge'],
  ['-reviews', 'graph.help.not'],
];

export function GraphSearch({ found, hidden, onNext }: {
  found: { wrong: string | undefined; count: number };
  hidden: { wrong: string | undefined; count: number };
  onNext: () => void; // to the next of those that were found
}) {
  const t = useT();
  const { text } = useUrlState();
  const said = (name: string, count: number, message: MessageKey) => (text(name) === '' ? '' : t(message, { count }));
  return (
    <div className="ms-row" role="search" aria-label={t('graph.search')}>
      <SearchField name="find" label={t('graph.find')} wrong={found.wrong} result={said('find', found.count, 'graph.found')} onEnter={onNext} />
      <SearchField name="hide" label={t('graph.hide')} wrong={hidden.wrong} result={said('hide', hidden.count, 'graph.hidden')} />
      <Popover
        headerContent={t('graph.help')}
        bodyContent={
          <dl className="ms-graph-help">
            {kHelp.map(([example, meaning]) => (
              <div key={example}>
                <dt>
                  <code>{example}</code>
                </dt>
                <dd>{t(meaning)}</dd>
              </div>
            ))}
          </dl>
        }
      >
        <Button variant="plain" size="sm" icon={<QuestionCircleIcon />} aria-label={t('graph.help')} />
      </Popover>
    </div>
  );
}
