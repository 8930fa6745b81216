import { useState } from 'react';
import {
  Dropdown, DropdownItem, DropdownList, Masthead as Bar, MastheadBrand, MastheadContent, MastheadMain, MastheadToggle, MenuToggle,
  NotificationBadge, PageToggleButton, Toolbar, ToolbarContent, ToolbarGroup, ToolbarItem, Button, type MenuToggleElement,
} from '@patternfly/react-core';
import BarsIcon from '@patternfly/react-icons/dist/esm/icons/bars-icon';
import MoonIcon from '@patternfly/react-icons/dist/esm/icons/moon-icon';
import QuestionCircleIcon from '@patternfly/react-icons/dist/esm/icons/question-circle-icon';
import SunIcon from '@patternfly/react-icons/dist/esm/icons/sun-icon';
import UserIcon from '@patternfly/react-icons/dist/esm/icons/user-icon';
import { Link, useSearchParams } from 'react-router';
import { useT } from '@/i18n';
import { keepShared } from '@/lib/urls';
import { NamespaceSelector } from './NamespaceSelector';
import { useNotices } from './notifications';
import { useSession } from './session';
import { useSettings } from './settings';
import { StatusIndicator } from './StatusIndicator';

export type Dialog = 'about' | 'settings' | 'shortcuts' | 'notifications';

function HelpMenu({ onOpen }: { onOpen: (dialog: Dialog) => void }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={() => setOpen(false)}
      popperProps={{ position: 'right' }}
      shouldFocusToggleOnSelect
      toggle={(toggle: React.Ref<MenuToggleElement>) => (
        <MenuToggle
          ref={toggle}
          variant="plain"
          aria-label={t('masthead.help')}
          isExpanded={open}
          onClick={() => setOpen(!open)}
          icon={<QuestionCircleIcon />}
          data-testid="help"
        />
      )}
    >
      <DropdownList>
        <DropdownItem onClick={() => onOpen('shortcuts')}>{t('masthead.shortcuts')}</DropdownItem>
        <DropdownItem onClick={() => onOpen('settings')}>{t('masthead.settings')}</DropdownItem>
        <DropdownItem onClick={() => onOpen('about')}>{t('masthead.about')}</DropdownItem>
      </DropdownList>
    </Dropdown>
  );
}

function UserMenu() {
  const t = useT();
  const { user, leave } = useSession();
  const [open, setOpen] = useState(false);
  if (user === undefined) return null;
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      popperProps={{ position: 'right' }}
      toggle={(toggle: React.Ref<MenuToggleElement>) => (
        <MenuToggle
          ref={toggle}
          onClick={() => setOpen(!open)}
          isExpanded={open}
          icon={<UserIcon />}
          aria-label={t('masthead.user', { name: user })}
          data-testid="user"
        >
          {user}
        </MenuToggle>
      )}
    >
      <DropdownList>
        <DropdownItem onClick={leave}>{t('masthead.signOut')}</DropdownItem>
      </DropdownList>
    </Dropdown>
  );
}

export function Masthead({ onOpen }: { onOpen: (dialog: Dialog) => void }) {
  const t = useT();
  const [search] = useSearchParams();
  const { dark, change } = useSettings();
  const { notices } = useNotices();
  const trouble = notices.some((one) => one.severity === 'danger' || one.severity === 'warning');
  return (
    <Bar>
      <MastheadMain>
        <MastheadToggle>
          <PageToggleButton aria-label={t('nav.toggle')} isHamburgerButton>
            <BarsIcon />
          </PageToggleButton>
        </MastheadToggle>
        <MastheadBrand>
          <Link to={keepShared('/', search)} className="ms-brand">
            <img src="favicon.svg" alt="" width={28} height={28} /> {t('app.name')}
          </Link>
        </MastheadBrand>
      </MastheadMain>
      <MastheadContent>
        <Toolbar isStatic>
          <ToolbarContent alignItems="center">
            <ToolbarItem>
              <NamespaceSelector />
            </ToolbarItem>
            <ToolbarItem>
              <StatusIndicator />
            </ToolbarItem>
            <ToolbarGroup align={{ default: 'alignEnd' }} gap={{ default: 'gapXs' }} alignItems="center">
              <Button
                variant="plain"
                icon={dark ? <SunIcon /> : <MoonIcon />}
                aria-label={t(dark ? 'masthead.light' : 'masthead.dark')}
                onClick={() => change({ theme: dark ? 'light' : 'dark' })}
                data-testid="theme"
              />
              <NotificationBadge
                variant={trouble ? 'attention' : notices.length > 0 ? 'unread' : 'read'}
                count={notices.length}
                aria-label={t('notifications.open', { count: notices.length })}
                onClick={() => onOpen('notifications')}
                data-testid="bell"
              />
              <HelpMenu onOpen={onOpen} />
              <UserMenu />
            </ToolbarGroup>
          </ToolbarContent>
        </Toolbar>
      </MastheadContent>
    </Bar>
  );
}
