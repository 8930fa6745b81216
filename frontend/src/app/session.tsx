import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { Button, Modal, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { onUnauthenticated } from '@/api/client';
import type { AuthInfo } from '@/api/schema.gen';
import { authInfo, extendSession, signIn, signOut } from '@/api/session';
import { Failure, Loading } from '@/components/states';
import { useT } from '@/i18n';
import { Login } from '@/pages/login/Login';
import { useNotices } from './notifications';

const kWarnMs = 60_000;

type Held = { user: string | undefined; leave: () => void };
const SessionContext = createContext<Held>({ user: undefined, leave: () => undefined });
export const useSession = (): Held => useContext(SessionContext);

// What is left of a session, ms, once it is little; undefined before.
function useRemaining(expiresOn: string | undefined): number | undefined {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (expiresOn === undefined) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [expiresOn]);
  if (expiresOn === undefined) return undefined;
  const left = new Date(expiresOn).getTime() - now;
  return left <= kWarnMs ? left : undefined;
}

function Expiry({ info, again, leave }: { info: AuthInfo; again: () => void; leave: () => void }) {
  const t = useT();
  const left = useRemaining(info.sessionInfo.expiresOn);
  useEffect(() => {
    if (left !== undefined && left <= 0) again();
  }, [left, again]);
  if (left === undefined || left <= 0) return null;
  return (
    <Modal isOpen variant="small" aria-labelledby="session-title" data-testid="expiry">
      <ModalHeader title={t('session.title')} labelId="session-title" titleIconVariant="warning" />
      <ModalBody>{t('session.text', { seconds: Math.ceil(left / 1000) })}</ModalBody>
      <ModalFooter>
        <Button onClick={() => void extendSession().then(again, again)}>{t('session.extend')}</Button>
        <Button variant="link" onClick={leave}>
          {t('masthead.signOut')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}

// Lets the pages be shown to whoever is let in; the address stays as it is through a login.
export function Session({ children }: { children: ReactNode }) {
  const t = useT();
  const client = useQueryClient();
  const { clear } = useNotices();
  const [ended, setEnded] = useState(false);
  const query = useQuery({
    queryKey: ['auth'],
    queryFn: async ({ signal }) => {
      const info = await authInfo(signal);
      if (info.strategy !== 'header' || info.sessionInfo.username !== undefined) return info;
      await signIn();
      return authInfo(signal);
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { refetch } = query;
  const again = useCallback(() => void refetch(), [refetch]);
  const leave = useCallback(() => {
    void signOut().finally(() => {
      client.removeQueries({ predicate: (one) => one.queryKey[0] !== 'auth' });
      again();
    });
  }, [again, client]);
  const info = query.data;
  const known = info?.strategy === 'anonymous' || info?.sessionInfo.username !== undefined;
  useEffect(
    () =>
      onUnauthenticated(() => {
        if (!known || info?.strategy === 'anonymous') return;
        setEnded(true);
        again();
      }),
    [known, info, again],
  );
  const held = useMemo(() => ({ user: info?.sessionInfo.username, leave }), [info, leave]);

  if (query.error && !info) {
    return <Failure title={t('login.title')} error={query.error} retry={again} />;
  }
  if (!info) return <Loading />;
  if (!known) {
    return (
      <Login
        ended={ended}
        strategy={info.strategy}
        onDone={() => {
          setEnded(false);
          clear();
          client.removeQueries({ predicate: (one) => one.queryKey[0] !== 'auth' });
          again();
        }}
      />
    );
  }
  return (
    <SessionContext value={held}>
      {children}
      <Expiry info={info} again={again} leave={leave} />
    </SessionContext>
  );
}
