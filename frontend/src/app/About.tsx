import { useState } from 'react';
import { Button, Modal, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useComponents, useServerStatus, useTracingInfo } from '@/api/queries';
import type { ComponentStatus, Status, TracingInfo } from '@/api/schema.gen';
import { copy } from '@/components/CopyText';
import { ExternalLink } from '@/components/ExternalLink';
import { Facts } from '@/components/Facts';
import { SmallTable } from '@/components/SmallTable';
import { StateLabel } from '@/components/StateLabel';
import { Panel } from '@/components/states';
import { useT } from '@/i18n';
import { componentName } from '@/lib/components';
import { jaegerHome } from '@/lib/jaegerLinks';

// How the members of /api/status are called is Kiali's.
type Row = { name: string; version?: string | undefined; url?: string | undefined; component?: ComponentStatus | undefined };

// Components by what is probed and by what is configured: the tracing backend is listed with its address also when nothing asks it.
export function aboutRows(status: Status, components: readonly ComponentStatus[], tracing: TracingInfo | undefined): Row[] {
  const rows: Row[] = components.map((component) => ({
    name: componentName(component.name, tracing?.provider),
    version: component.version,
    component,
  }));
  for (const service of status.externalServices) {
    const name = componentName(service.name, tracing?.provider);
    const known = rows.find((row) => row.name === name);
    const url = jaegerHome(service.url);
    if (known) Object.assign(known, { version: known.version ?? service.version, url });
    else rows.push({ name, version: service.version, url });
  }
  const url = jaegerHome(tracing?.url);
  const name = componentName('tracing', tracing?.provider);
  const row = rows.find((one) => one.name === name);
  if (url && row) row.url = url;
  else if (url) rows.push({ name, url });
  return rows.sort((a, b) => a.name.localeCompare(b.name));
}

function Components({ rows }: { rows: readonly Row[] }) {
  const t = useT();
  return (
    <SmallTable
      label={t('about.components')}
      rows={rows}
      row={(row) => ({ key: row.name, 'data-testid': `about-${row.name}` })}
      columns={[
        { title: t('about.name'), cell: (row) => row.name },
        { title: t('about.version'), cell: (row) => row.version ?? t('about.unknown') },
        { title: t('about.state'), cell: (row) => row.component && <StateLabel component={row.component} /> },
        { title: t('about.url'), cell: (row) => row.url && <ExternalLink href={row.url}>{row.url}</ExternalLink> },
      ]}
    />
  );
}

export function About({ onClose }: { onClose: () => void }) {
  const t = useT();
  const status = useServerStatus();
  const components = useComponents();
  const tracing = useTracingInfo();
  const [copied, setCopied] = useState(false);
  const rows = status.data ? aboutRows(status.data, components.data ?? [], tracing.data) : [];
  const version = status.data?.status['Kiali version'] ?? '';
  const text = [`Meshscope ${version}`, ...rows.map((row) => [row.name, row.version, row.component?.status, row.url].filter(Boolean).join(' '))];
  return (
    <Modal isOpen onClose={onClose} variant="medium" aria-labelledby="about-title" aria-describedby="about-body">
      <ModalHeader title={t('about.title')} labelId="about-title" />
      <ModalBody id="about-body">
        <Panel query={status} title={t('status.failed')}>
          {(data) => (
            <>
              <Facts
                facts={[
                  [t('about.version'), data.status['Kiali version'] ?? t('about.unknown')],
                  [t('about.commit'), data.status['Kiali commit hash'] || t('about.unknown')],
                ]}
              />
              {data.warningMessages.map((message) => (
                <p key={message}>{message}</p>
              ))}
              <Components rows={rows} />
            </>
          )}
        </Panel>
      </ModalBody>
      <ModalFooter>
        <Button variant="primary" onClick={onClose}>
          {t('about.close')}
        </Button>
        <Button
          variant="link"
          onClick={() => void copy(text.join('\n')).then(() => setCopied(true))}
        >
          {copied ? t('about.copied') : t('about.copy')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}
