import { useState, type FormEvent } from 'react';
import { ActionGroup, Alert, Button, Card, CardBody, CardTitle, Form, FormGroup, FormHelperText, HelperText, HelperTextItem, TextInput } from '@patternfly/react-core';
import type { AuthInfo } from '@/api/schema.gen';
import { signIn } from '@/api/session';
import { useT } from '@/i18n';

export function Login({ strategy, ended, onDone }: { strategy: AuthInfo['strategy']; ended: boolean; onDone: () => void }) {
  const t = useT();
  const [token, setToken] = useState('');
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const blank = token.trim() === '';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (blank) return;
    setBusy(true);
    setError(null);
    signIn(token.trim())
      .then(onDone, (reason: unknown) => setError(reason instanceof Error ? reason : new Error(String(reason))))
      .finally(() => setBusy(false));
  };
  return (
    <main className="ms-login">
      <Card>
        <CardTitle component="h1">
          <img src="favicon.svg" alt="" width={28} height={28} /> {t('app.name')}
        </CardTitle>
        <CardBody>
          <p>{t('login.text')}</p>
          {ended && <Alert isInline variant="info" title={t('login.ended')} />}
          {error && <Alert isInline variant="danger" title={error.message} data-testid="login-error" />}
          {strategy === 'header' ? (
            <Alert isInline variant="danger" title={t('login.header')} />
          ) : (
            <Form onSubmit={submit} noValidate>
              <FormGroup label={t('login.token')} fieldId="token" isRequired>
                <TextInput
                  id="token"
                  type="password"
                  autoComplete="off"
                  value={token}
                  validated={tried && blank ? 'error' : 'default'}
                  onChange={(_, value) => setToken(value)}
                />
                {tried && blank && (
                  <FormHelperText>
                    <HelperText isLiveRegion>
                      <HelperTextItem variant="error">{t('login.blank')}</HelperTextItem>
                    </HelperText>
                  </FormHelperText>
                )}
              </FormGroup>
              <ActionGroup>
                <Button type="submit" isLoading={busy} isDisabled={busy}>
                  {t('login.submit')}
                </Button>
              </ActionGroup>
            </Form>
          )}
        </CardBody>
      </Card>
    </main>
  );
}
