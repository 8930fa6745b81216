import { useEffect, useState } from 'react';
import { HelperText, HelperTextItem, TextInput, Toolbar, ToolbarContent, ToolbarItem, Button } from '@patternfly/react-core';
import { useNavigate, useSearchParams } from 'react-router';
import { useOperations, useTracingServices } from '@/api/queries';
import { useUrlState } from '@/app/urlState';
import { Choice } from '@/components/Choice';
import { DurationField, ErrorsOnly, LimitChoice } from '@/components/traces/TraceQuery';
import { useT } from '@/i18n';
import { parseTags } from '@/lib/tags';
import { isTraceId, keepShared } from '@/lib/urls';

function TagsField() {
  const t = useT();
  const { text, replace } = useUrlState();
  const written = text('tags');
  const [value, setValue] = useState(written);
  useEffect(() => setValue(written), [written]);
  const good = parseTags(value) !== undefined;
  const commit = () => good && value.trim() !== written && replace({ tags: value.trim() });
  return (
    <label className="ms-field">
      {t('traces.tags')}
      <TextInput
        value={value}
        aria-label={t('traces.tags')}
        placeholder={t('traces.tagsHelp')}
        validated={good ? 'default' : 'error'}
        onChange={(_, next) => setValue(next)}
        onBlur={commit}
        onKeyDown={(event) => event.key === 'Enter' && commit()}
      />
      {!good && (
        <HelperText isLiveRegion>
          <HelperTextItem variant="error">{t('traces.tagsWrong')}</HelperTextItem>
        </HelperText>
      )}
    </label>
  );
}

function ById() {
  const t = useT();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const [id, setId] = useState('');
  return (
    <form
      className="ms-by-id"
      onSubmit={(event) => {
        event.preventDefault();
        if (isTraceId(id)) void navigate(keepShared(`/traces/${id.trim().toLowerCase()}`, search));
      }}
    >
      <TextInput value={id} aria-label={t('traces.byId')} placeholder={t('traces.byId')} onChange={(_, value) => setId(value)} />
      <Button type="submit" variant="secondary" isDisabled={!isTraceId(id)}>
        {t('traces.open')}
      </Button>
    </form>
  );
}

export function QueryForm() {
  const t = useT();
  const { text, push } = useUrlState();
  const service = text('service');
  const known = useTracingServices(true);
  const services = known.data?.data ?? [];
  const offered = useOperations(service);
  const operations = offered.data?.data ?? [];
  const failed = known.error ?? offered.error;
  const names = [...new Set(operations.map((one) => one.name))].sort();
  const any = { value: '', text: t('traces.any') };
  return (
    <Toolbar>
      <ToolbarContent alignItems="start">
        <ToolbarItem>
          <div className="ms-field">
            <span>{t('traces.service')}</span>
            <Choice
              label={t('traces.service')}
              value={service}
              options={[any, ...services.map((value) => ({ value, text: value }))]}
              onChoose={(value) => push({ service: value, operation: null })}
            />
            {failed && (
              <HelperText isLiveRegion data-testid="services-failed">
                <HelperTextItem variant="error">{t('traces.servicesFailed', { reason: failed.message })}</HelperTextItem>
              </HelperText>
            )}
          </div>
        </ToolbarItem>
        <ToolbarItem>
          <div className="ms-field">
            <span>{t('traces.operation')}</span>
            <Choice
              label={t('traces.operation')}
              value={text('operation')}
              options={[any, ...names.map((value) => ({ value, text: value }))]}
              onChoose={(value) => push({ operation: value })}
            />
          </div>
        </ToolbarItem>
        <ToolbarItem>
          <TagsField />
        </ToolbarItem>
        <ToolbarItem>
          <DurationField name="minDuration" label={t('traces.min')} />
        </ToolbarItem>
        <ToolbarItem>
          <DurationField name="maxDuration" label={t('traces.max')} />
        </ToolbarItem>
        <ToolbarItem>
          <div className="ms-field">
            <span>{t('traces.limit')}</span>
            <LimitChoice />
          </div>
        </ToolbarItem>
        <ToolbarItem alignSelf="center">
          <ErrorsOnly />
        </ToolbarItem>
        <ToolbarItem align={{ default: 'alignEnd' }} alignSelf="center">
          <ById />
        </ToolbarItem>
      </ToolbarContent>
    </Toolbar>
  );
}
