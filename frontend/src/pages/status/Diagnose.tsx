import { useState, type FormEvent } from 'react';
import { Alert, Button, Card, CardBody, CardTitle, Label, Spinner, TextInput, Title } from '@patternfly/react-core';
import { checkSettings, useDiagnosis } from '@/api/explain';
import type { TracingCheck, TracingDiagnosis, TracingSettings } from '@/api/schema.gen';
import { useUrlState } from '@/app/urlState';
import { Choice } from '@/components/Choice';
import { CopyText } from '@/components/CopyText';
import { MetaLine, partsMissing } from '@/components/MetaLine';
import { SmallTable } from '@/components/SmallTable';
import { Empty, Failure } from '@/components/states';
import { useFormats, useT } from '@/i18n';

function Proposal({ one }: { one: TracingSettings }) {
  const t = useT();
  const { number } = useFormats();
  return (
    <Card isCompact data-testid="proposal">
      <CardTitle component="h3">
        <code>{one.url}</code> <Label isCompact color="green">{one.protocol}</Label>
      </CardTitle>
      <CardBody>
        <p>{t('diagnose.services', { count: number(one.services) })}</p>
        {one.warning !== '' && <Alert isInline isPlain variant="warning" title={one.warning} />}
        <pre className="ms-yaml" tabIndex={0} role="region" aria-label={one.url} data-testid="yaml">
          {one.yaml}
        </pre>
        <CopyText text={one.yaml} label={one.url} />
      </CardBody>
    </Card>
  );
}

function Tries({ lines }: { lines: NonNullable<TracingDiagnosis['logLine']> }) {
  const t = useT();
  return (
    <SmallTable
      label={t('diagnose.tries')}
      rows={lines}
      row={(line) => ({ key: `${line.test} ${line.time}`, 'data-testid': 'try' })}
      columns={[
        { title: t('diagnose.try'), cell: (line) => line.test, className: 'ms-value', width: 40 },
        { title: t('diagnose.result'), cell: (line) => line.result, className: 'ms-value' },
      ]}
    />
  );
}

function Found({ found }: { found: TracingDiagnosis }) {
  const t = useT();
  const works = found.validConfig ?? [];
  if (found.logLine === null) return <Empty title={t('diagnose.off')}>{found.message}</Empty>;
  return (
    <div data-testid="diagnosis">
      {found.meta && partsMissing(found.meta, t).length > 0 && <MetaLine meta={found.meta} />}
      <Title headingLevel="h3" size="md" className="ms-h2">
        {works.length > 0 ? t('diagnose.works') : t('diagnose.nothing')}
      </Title>
      {found.message !== '' && <p>{found.message}</p>}
      <div className="ms-blocks">
        {works.map((one) => (
          <Proposal key={`${one.url} ${String(one.useGRPC)}`} one={one} />
        ))}
      </div>
      <Tries lines={found.logLine} />
    </div>
  );
}

const kProtocols = ['either', 'grpc', 'http'] as const;
type Protocol = (typeof kProtocols)[number];

// Settings of one's own, tried without changing anything.
function Tester() {
  const t = useT();
  const [url, setUrl] = useState('');
  const [protocol, setProtocol] = useState<Protocol>('either');
  const [state, setState] = useState<{ busy: boolean; answer?: TracingCheck; error?: Error }>({ busy: false });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setState({ busy: true });
    checkSettings({ internalURL: url.trim(), useGRPC: protocol === 'either' ? undefined : protocol === 'grpc' }).then(
      (answer) => setState({ busy: false, answer }),
      (error: Error) => setState({ busy: false, error }),
    );
  };
  const { answer, error } = state;
  const failed = error?.message ?? answer?.error ?? '';
  return (
    <>
      <Title headingLevel="h3" size="md" className="ms-h2">
        {t('diagnose.tester')}
      </Title>
      <form className="ms-row" onSubmit={submit} aria-label={t('diagnose.tester')}>
        <label className="ms-field ms-wide-field">
          {t('diagnose.url')}
          <TextInput value={url} onChange={(_, value) => setUrl(value)} aria-label={t('diagnose.url')} placeholder="http://jaeger-query.istio-system:16685/jaeger" />
        </label>
        <Choice<Protocol> label={t('statusPage.protocol')} value={protocol} options={kProtocols.map((value) => ({ value, text: t(`diagnose.${value}`) }))} onChoose={setProtocol} />
        <Button type="submit" variant="secondary" isDisabled={url.trim() === '' || state.busy} isLoading={state.busy}>
          {t('diagnose.check')}
        </Button>
      </form>
      <div role="status" data-testid="checked">
        {(answer || error) && (
          <Alert isInline variant={failed === '' ? 'success' : 'danger'} title={failed === '' ? t('diagnose.good') : failed}>
            {answer?.message}
            {answer?.hint && (
              <p>
                {answer.hint.setting && <code>{answer.hint.setting}</code>} {answer.hint.advice}
              </p>
            )}
          </Alert>
        )}
        {answer?.validConfig && failed === '' && <Proposal one={answer.validConfig} />}
      </div>
    </>
  );
}

// Which settings of the trace store work; the address says whether they are looked for.
export function Diagnose() {
  const t = useT();
  const { flag, replace } = useUrlState();
  const wanted = flag('diagnose');
  const query = useDiagnosis(wanted);
  const again = () => (wanted ? void query.refetch() : replace({ diagnose: 'true' }));
  return (
    <section aria-labelledby="diagnose-title" data-testid="diagnose">
      <Title headingLevel="h2" size="lg" id="diagnose-title" className="ms-h2">
        {t('diagnose.title')}
      </Title>
      <p className="ms-reason">{t('diagnose.text')}</p>
      <Button variant="primary" onClick={again} isDisabled={query.isFetching} data-testid="diagnose-now">
        {t(wanted && query.data ? 'diagnose.again' : 'diagnose.now')}
      </Button>
      {wanted && (
        <>
          {query.isFetching && (
            <p role="status" className="ms-row">
              <Spinner size="md" aria-label={t('diagnose.busy')} /> {t('diagnose.busy')}
            </p>
          )}
          {query.error && !query.isFetching && <Failure title={t('diagnose.failed')} error={query.error} retry={again} />}
          {query.data && <Found found={query.data} />}
          <Tester />
        </>
      )}
    </section>
  );
}
