import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { Alert, AlertActionCloseButton, AlertGroup } from '@patternfly/react-core';

export type Severity = 'danger' | 'warning' | 'info' | 'success';
export type Notice = { id: number; severity: Severity; title: string; detail: string; count: number; first: number; toast: boolean };

type Held = {
  notices: readonly Notice[];
  notify: (severity: Severity, title: string, detail?: string) => void;
  clear: () => void;
};
const NoticesContext = createContext<Held | null>(null);
const kToastMs = 6000;
const kKept = 100;

// The same text again is counted, not repeated; only its first time pops up.
export function Notifications({ children }: { children: ReactNode }) {
  const [notices, setNotices] = useState<Notice[]>([]);
  const next = useRef(1);
  const notify = useCallback((severity: Severity, title: string, detail = '') => {
    setNotices((before) => {
      const known = before.find((one) => one.severity === severity && one.title === title);
      if (known) return before.map((one) => (one === known ? { ...one, count: one.count + 1, detail } : one));
      const id = next.current++;
      return [{ id, severity, title, detail, count: 1, first: Date.now(), toast: true }, ...before].slice(0, kKept);
    });
  }, []);
  const hide = useCallback((id: number) => {
    setNotices((before) => before.map((one) => (one.id === id ? { ...one, toast: false } : one)));
  }, []);
  const clear = useCallback(() => setNotices([]), []);
  const held = useMemo(() => ({ notices, notify, clear }), [notices, notify, clear]);
  return (
    <NoticesContext value={held}>
      {children}
      <AlertGroup isToast isLiveRegion>
        {notices
          .filter((one) => one.toast)
          .map((one) => (
            <Alert
              key={one.id}
              variant={one.severity}
              title={one.title}
              timeout={kToastMs}
              onTimeout={() => hide(one.id)}
              actionClose={<AlertActionCloseButton onClose={() => hide(one.id)} />}
            >
              {one.detail}
            </Alert>
          ))}
      </AlertGroup>
    </NoticesContext>
  );
}

export function useNotices(): Held {
  const held = useContext(NoticesContext);
  if (!held) throw new Error('useNotices outside of Notifications');
  return held;
}

// Says once for each failure in a row that something went wrong.
export function useFailureNotice(error: Error | null, title: string, failures: number): void {
  const { notify } = useNotices();
  useEffect(() => {
    if (error) notify('danger', title, error.message);
  }, [error, failures, notify, title]);
}
