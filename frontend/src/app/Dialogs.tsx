import {
  Button, DescriptionList, DescriptionListDescription, DescriptionListGroup, DescriptionListTerm, Form, FormGroup, FormSelect, FormSelectOption,
  Modal, ModalBody, ModalFooter, ModalHeader,
} from '@patternfly/react-core';
import { useFormats, useT } from '@/i18n';
import { kLanguages, type Language, type MessageKey } from '@/i18n/catalog';
import { kDefaultRefresh, kRefreshes } from '@/lib/range';
import { useNotices } from './notifications';
import { useSettings, type Theme } from './settings';

export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const { settings, change } = useSettings();
  const { seconds } = useFormats();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <Modal isOpen variant="small" onClose={onClose} aria-labelledby="settings-title">
      <ModalHeader title={t('settings.title')} labelId="settings-title" description={t('settings.kept')} />
      <ModalBody>
        <Form>
          <FormGroup label={t('settings.language')} fieldId="settings-language">
            <FormSelect id="settings-language" value={settings.language} onChange={(_, value) => change({ language: value as Language })}>
              {kLanguages.map((one) => (
                <FormSelectOption key={one.id} value={one.id} label={one.name} />
              ))}
            </FormSelect>
          </FormGroup>
          <FormGroup label={t('settings.theme')} fieldId="settings-theme">
            <FormSelect id="settings-theme" value={settings.theme} onChange={(_, value) => change({ theme: value as Theme })}>
              <FormSelectOption value="system" label={t('settings.systemTheme')} />
              <FormSelectOption value="light" label={t('masthead.light')} />
              <FormSelectOption value="dark" label={t('masthead.dark')} />
            </FormSelect>
          </FormGroup>
          <FormGroup label={t('settings.timezone')} fieldId="settings-zone">
            <FormSelect id="settings-zone" value={settings.utc ? 'utc' : 'browser'} onChange={(_, value) => change({ utc: value === 'utc' })}>
              <FormSelectOption value="browser" label={t('settings.browserZone', { zone })} />
              <FormSelectOption value="utc" label={t('settings.utc')} />
            </FormSelect>
          </FormGroup>
          <FormGroup label={t('settings.palette')} fieldId="settings-palette">
            <FormSelect id="settings-palette" value={settings.safeColors ? 'safe' : 'usual'} onChange={(_, value) => change({ safeColors: value === 'safe' })}>
              <FormSelectOption value="usual" label={t('settings.usualColors')} />
              <FormSelectOption value="safe" label={t('heat.safe')} />
            </FormSelect>
          </FormGroup>
          <FormGroup label={t('refresh.label')} fieldId="settings-refresh">
            <FormSelect id="settings-refresh" value={settings.refresh ?? kDefaultRefresh} onChange={(_, value) => change({ refresh: Number(value) })}>
              {kRefreshes.map((ms) => (
                <FormSelectOption key={ms} value={ms} label={ms === 0 ? t('refresh.pause') : t('refresh.every', { duration: seconds(ms / 1000) })} />
              ))}
            </FormSelect>
          </FormGroup>
        </Form>
      </ModalBody>
      <ModalFooter>
        <Button onClick={onClose}>{t('about.close')}</Button>
      </ModalFooter>
    </Modal>
  );
}

const kShortcuts: ReadonlyArray<[string, MessageKey]> = [
  ['?', 'shortcuts.help'],
  ['r', 'shortcuts.refresh'],
  ['↓ j', 'shortcuts.next'],
  ['↑ k', 'shortcuts.previous'],
  ['Enter', 'shortcuts.open'],
  ['← →', 'shortcuts.fold'],
  ['a d', 'shortcuts.pan'],
  ['w s', 'shortcuts.zoom'],
  ['/', 'shortcuts.find'],
  ['+ - 0', 'shortcuts.graphZoom'],
  ['Shift ← ↑ → ↓', 'shortcuts.graphMove'],
  ['Esc', 'shortcuts.close'],
];

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  return (
    <Modal isOpen variant="small" onClose={onClose} aria-labelledby="shortcuts-title">
      <ModalHeader title={t('shortcuts.title')} labelId="shortcuts-title" />
      <ModalBody tabIndex={0}>
        <DescriptionList isHorizontal isCompact>
          {kShortcuts.map(([keys, text]) => (
            <DescriptionListGroup key={keys}>
              <DescriptionListTerm>
                <kbd>{keys}</kbd>
              </DescriptionListTerm>
              <DescriptionListDescription>{t(text)}</DescriptionListDescription>
            </DescriptionListGroup>
          ))}
        </DescriptionList>
      </ModalBody>
      <ModalFooter>
        <Button onClick={onClose}>{t('about.close')}</Button>
      </ModalFooter>
    </Modal>
  );
}

export function NotificationsDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const { notices, clear } = useNotices();
  const { ago } = useFormats();
  return (
    <Modal isOpen variant="medium" onClose={onClose} aria-labelledby="notifications-title">
      <ModalHeader title={t('notifications.title')} labelId="notifications-title" />
      <ModalBody tabIndex={0}>
        {notices.length === 0 && <p>{t('notifications.none')}</p>}
        <ul className="ms-notices">
          {notices.map((one) => (
            <li key={one.id} data-testid="notice">
              <strong>{one.title}</strong> {one.count > 1 && <span data-testid="count">({t('notifications.times', { count: one.count })})</span>}
              <div>{one.detail}</div>
              <small>{ago(one.first)}</small>
            </li>
          ))}
        </ul>
      </ModalBody>
      <ModalFooter>
        <Button onClick={onClose}>{t('notifications.close')}</Button>
        <Button variant="link" isDisabled={notices.length === 0} onClick={clear}>
          {t('notifications.clear')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}
