import { useRef, useState, type DragEvent } from 'react';
import { Alert, Button, PageSection } from '@patternfly/react-core';
import { useUrlState } from '@/app/urlState';
import { Choice } from '@/components/Choice';
import { PageHead } from '@/components/PageHead';
import { Empty, Loading } from '@/components/states';
import { useFormats, useT } from '@/i18n';
import { summarize } from '@/lib/traceSummary';
import { kNewLook } from '@/lib/view';
import { FileTrace } from './FileTrace';
import { openFile, useOpened, type Opened } from './openFile';

// Opens the dialog of the browser; the field itself is not shown.
function ChooseFile({ primary }: { primary: boolean }) {
  const t = useT();
  const { push } = useUrlState();
  const field = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={field}
        type="file"
        hidden
        accept=".json,application/json"
        aria-label={t('file.choose')}
        data-testid="trace-file"
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          event.target.value = ''; // the same one can be chosen again
          if (!file) return;
          push({ ...kNewLook, traceId: null, only: null });
          void openFile(file);
        }}
      />
      <Button variant={primary ? 'primary' : 'secondary'} onClick={() => field.current?.click()}>
        {t(primary ? 'file.choose' : 'file.another')}
      </Button>
    </>
  );
}

function Traces({ opened }: { opened: Extract<Opened, { state: 'open' }> }) {
  const t = useT();
  const { number } = useFormats();
  const { text, push } = useUrlState();
  const trace = opened.traces.find((one) => one.traceID === text('traceId')) ?? opened.traces[0];
  if (!trace) return null;
  return (
    <>
      <div className="ms-row">
        <ChooseFile primary={false} />
        {opened.traces.length > 1 && (
          <Choice
            label={t('file.which')}
            value={trace.traceID}
            options={opened.traces.map((one) => ({
              value: one.traceID,
              text: t('file.oneOf', { name: `${summarize(one).name ?? t('traces.missingRoot')} ${one.traceID.slice(0, 7)}`, spans: number(one.spans.length) }),
            }))}
            onChoose={(traceId) => push({ ...kNewLook, traceId })}
          />
        )}
      </div>
      <FileTrace key={trace.traceID} trace={trace} name={opened.name} />
    </>
  );
}

// A trace that was downloaded, read back: the file stays in this browser.
export function TraceFile() {
  const t = useT();
  const { push } = useUrlState();
  const opened = useOpened();
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const [file] = event.dataTransfer.files;
    if (!file) return;
    push({ ...kNewLook, traceId: null, only: null });
    void openFile(file);
  };
  return (
    <>
      <PageHead title={t('file.title')} />
      <PageSection
        className={over ? 'ms-drop' : ''}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        {opened.state === 'wrong' && (
          <Alert isInline variant="danger" title={t('file.wrong', { name: opened.name })} data-testid="file-wrong">
            {t(`file.wrong.${opened.why}`, { cause: opened.cause })}
          </Alert>
        )}
        {(opened.state === 'none' || opened.state === 'wrong') && (
          <Empty title={t('file.none')} actions={<ChooseFile primary />}>
            {t('file.noneText')}
          </Empty>
        )}
        {opened.state === 'reading' && (
          <>
            <p role="status">{t('file.reading', { name: opened.name })}</p>
            <Loading />
          </>
        )}
        {opened.state === 'open' && <Traces opened={opened} />}
      </PageSection>
    </>
  );
}
