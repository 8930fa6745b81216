import { useState } from 'react';
import { Button, Label, Modal, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import type { LogAccess, LogEntry } from '@/api/schema.gen';
import { useUrlState } from '@/app/urlState';
import { useT, type Translate } from '@/i18n';
import { english, type MessageKey } from '@/i18n/catalog';
import { isSpan, lineName, type Entry } from '@/lib/logs';

const kFields = [
  'method', 'path', 'protocol', 'status', 'flags', 'durationMs', 'upstreamMs', 'bytesReceived', 'bytesSent', 'requestId', 'traceId', 'authority',
  'userAgent', 'details', 'termination', 'failure', 'upstream', 'upstreamCluster', 'downstream', 'route',
] as const satisfies ReadonlyArray<keyof LogAccess>;

const isKey = (key: string): key is MessageKey => key in english;

export function flagMeaning(flag: string, t: Translate): string {
  const key = `flag.${flag}`;
  return t(isKey(key) ? key : 'flag.unknown');
}

// What an access line says, field by field.
function AccessDialog({ entry, onClose, onRequest }: { entry: LogEntry; onClose: () => void; onRequest: ((id: string) => void) | undefined }) {
  const t = useT();
  const access = entry.access ?? { flags: [] };
  const rows = kFields.flatMap((field) => {
    const value = access[field];
    return value === undefined || (Array.isArray(value) && value.length === 0) ? [] : [{ field, value }];
  });
  return (
    <Modal isOpen variant="large" onClose={onClose} aria-labelledby="access-title">
      <ModalHeader title={t('access.title')} labelId="access-title" description={`${entry.pod}, ${entry.container}`} />
      <ModalBody data-testid="access-dialog">
        <pre className="ms-raw-line">{entry.message}</pre>
        <Table aria-label={t('access.title')} variant="compact">
          <Thead>
            <Tr>
              <Th>{t('access.field')}</Th>
              <Th>{t('access.value')}</Th>
              <Th>{t('access.meaning')}</Th>
            </Tr>
          </Thead>
          <Tbody>
            {rows.map(({ field, value }) => (
              <Tr key={field}>
                <Td dataLabel={t('access.field')}>{field}</Td>
                <Td dataLabel={t('access.value')} className="ms-value">
                  {Array.isArray(value)
                    ? value.map((flag) => (
                        <div key={flag}>
                          <Label isCompact color="orange">
                            {flag}
                          </Label>{' '}
                          {flagMeaning(flag, t)}
                        </div>
                      ))
                    : String(value)}
                </Td>
                <Td dataLabel={t('access.meaning')}>{t(`access.${field}`)}</Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
      </ModalBody>
      <ModalFooter>
        {onRequest && access.requestId && (
          <Button variant="secondary" onClick={() => onRequest(access.requestId ?? '')}>
            {t('logs.onlyRequest', { id: access.requestId })}
          </Button>
        )}
        <Button variant="link" onClick={onClose}>
          {t('about.close')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}

// Of these, the access line that the address names, explained; also when newer lines have taken its place meanwhile.
export function ExplainedLine({ entries, requests = false }: {
  entries: readonly Entry[];
  requests?: boolean; // offers the lines of its request
}) {
  const { text, push } = useUrlState();
  const named = text('line');
  const [read, setRead] = useState<LogEntry | null>(null);
  const isNamed = (one: LogEntry) => lineName(one) === named;
  const kept = read && isNamed(read) ? read : null;
  const entry = named === '' ? undefined : (kept ?? entries.find((one): one is LogEntry => !isSpan(one) && one.access !== undefined && isNamed(one)));
  if (!entry) return null;
  if (entry !== kept) setRead(entry);
  return <AccessDialog entry={entry} onClose={() => push({ line: null })} onRequest={requests ? (requestId) => push({ requestId, line: null }) : undefined} />;
}
