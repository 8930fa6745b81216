import { useState } from 'react';
import { Button, Modal, ModalBody, ModalFooter, ModalHeader, Form, FormGroup, HelperText, HelperTextItem, TextInput } from '@patternfly/react-core';
import ClockIcon from '@patternfly/react-icons/dist/esm/icons/clock-icon';
import SyncAltIcon from '@patternfly/react-icons/dist/esm/icons/sync-alt-icon';
import { useIsFetching, useQueryClient } from '@tanstack/react-query';
import { useFormats, useT } from '@/i18n';
import { Choice } from '@/components/Choice';
import { kDurations, kRefreshes, windowOf, type TimeRange } from '@/lib/range';
import { useSettings } from './settings';
import { useRefresh, useTimeRange } from './timeRange';
import { useUrlState } from './urlState';

// The local time as an input of type datetime-local writes it; with UTC chosen, that of UTC.
const inputText = (ms: number, utc: boolean): string =>
  new Date(utc ? ms : ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
const inputTime = (text: string, utc: boolean): number => new Date(utc ? `${text}Z` : text).getTime();

function CustomRange({ range, onClose, onChoose }: { range: TimeRange; onClose: () => void; onChoose: (range: TimeRange) => void }) {
  const t = useT();
  const { settings } = useSettings();
  const [window] = useState(() => windowOf(range, Date.now()));
  const [from, setFrom] = useState(inputText(window.startMicros / 1000, settings.utc));
  const [to, setTo] = useState(inputText(window.endMicros / 1000, settings.utc));
  const chosen = { from: inputTime(from, settings.utc), to: inputTime(to, settings.utc) };
  const good = chosen.from < chosen.to;
  return (
    <Modal isOpen variant="small" onClose={onClose} aria-labelledby="range-title">
      <ModalHeader title={t('range.custom')} labelId="range-title" />
      <ModalBody>
        <Form>
          <FormGroup label={t('range.from')} fieldId="range-from">
            <TextInput id="range-from" type="datetime-local" step={1} value={from} onChange={(_, value) => setFrom(value)} />
          </FormGroup>
          <FormGroup label={t('range.to')} fieldId="range-to">
            <TextInput id="range-to" type="datetime-local" step={1} value={to} onChange={(_, value) => setTo(value)} />
          </FormGroup>
          {!good && (
            <HelperText>
              <HelperTextItem variant="error">{t('range.wrong')}</HelperTextItem>
            </HelperText>
          )}
        </Form>
      </ModalBody>
      <ModalFooter>
        <Button isDisabled={!good} onClick={() => onChoose({ kind: 'between', ...chosen })}>
          {t('range.apply')}
        </Button>
        <Button variant="link" onClick={onClose}>
          {t('about.close')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}

export function RangeChoice() {
  const t = useT();
  const { seconds, dateTime } = useFormats();
  const [range, choose] = useTimeRange();
  const [custom, setCustom] = useState(false);
  const options = [
    ...kDurations.map((one) => ({ value: String(one), text: t('range.last', { duration: seconds(one) }) })),
    { value: 'custom', text: t('range.custom') },
  ];
  const shown =
    range.kind === 'last'
      ? t('range.last', { duration: seconds(range.seconds) })
      : t('range.between', { from: dateTime(range.from), to: dateTime(range.to) });
  return (
    <>
      <Choice
        label={t('range.label')}
        icon={<ClockIcon />}
        value={range.kind === 'last' ? String(range.seconds) : ''}
        shown={shown}
        options={options}
        onChoose={(value) => (value === 'custom' ? setCustom(true) : choose({ kind: 'last', seconds: Number(value) }))}
      />
      {custom && (
        <CustomRange
          range={range}
          onClose={() => setCustom(false)}
          onChoose={(chosen) => {
            setCustom(false);
            choose(chosen);
          }}
        />
      )}
    </>
  );
}

export function RefreshChoice() {
  const t = useT();
  const { seconds } = useFormats();
  const refresh = useRefresh();
  const { change } = useSettings();
  const { replace } = useUrlState();
  const client = useQueryClient();
  const busy = useIsFetching() > 0;
  return (
    <span className="ms-row">
      <Choice
        label={t('refresh.label')}
        value={refresh}
        options={kRefreshes.map((one) => ({
          value: one,
          text: one === 0 ? t('refresh.pause') : t('refresh.every', { duration: seconds(one / 1000) }),
        }))}
        onChoose={(chosen) => {
          change({ refresh: chosen });
          replace({ refresh: String(chosen) });
        }}
      />
      <Button
        variant="plain"
        icon={<SyncAltIcon className={busy ? 'ms-busy' : ''} />}
        aria-label={t('refresh.now')}
        data-testid="refresh"
        onClick={() => void client.refetchQueries({ type: 'active' })}
      />
    </span>
  );
}
