import { Suspense, useEffect, useState } from 'react';
import { Page, SkipToContent } from '@patternfly/react-core';
import { useQueryClient } from '@tanstack/react-query';
import { Outlet } from 'react-router';
import { Loading } from '@/components/states';
import { useT } from '@/i18n';
import { About } from './About';
import { NotificationsDialog, SettingsDialog, ShortcutsDialog } from './Dialogs';
import { Masthead, type Dialog } from './Masthead';
import { Menu } from './Menu';
import { isTyping } from './keys';

const kContent = 'content';

// Masthead, menu, the page and the dialogs over it.
export function Shell() {
  const t = useT();
  const client = useQueryClient();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const close = () => setDialog(null);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (isTyping(event)) return;
      if (event.key === '?') setDialog('shortcuts');
      else if (event.key === 'r') void client.refetchQueries({ type: 'active' });
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, [client]);
  const skip = (
    <SkipToContent
      href={`#${kContent}`}
      onClick={(event) => {
        // The page has a <base>: following the link would leave the place.
        event.preventDefault();
        document.getElementById(kContent)?.focus();
      }}
    >
      {t('nav.skip')}
    </SkipToContent>
  );
  return (
    <Page masthead={<Masthead onOpen={setDialog} />} sidebar={<Menu />} isManagedSidebar skipToContent={skip} mainContainerId={kContent}>
      <Suspense fallback={<Loading />}>
        <Outlet />
      </Suspense>
      {dialog === 'about' && <About onClose={close} />}
      {dialog === 'settings' && <SettingsDialog onClose={close} />}
      {dialog === 'shortcuts' && <ShortcutsDialog onClose={close} />}
      {dialog === 'notifications' && <NotificationsDialog onClose={close} />}
    </Page>
  );
}
