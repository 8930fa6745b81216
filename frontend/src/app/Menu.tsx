import { Nav, NavItem, NavList, PageSidebar, PageSidebarBody } from '@patternfly/react-core';
import ExternalLinkAltIcon from '@patternfly/react-icons/dist/esm/icons/external-link-alt-icon';
import { Link, useLocation, useSearchParams } from 'react-router';
import { useTracingInfo } from '@/api/queries';
import { useT } from '@/i18n';
import type { MessageKey } from '@/i18n/catalog';
import { jaegerHome } from '@/lib/jaegerLinks';
import { keepShared } from '@/lib/urls';

type Item = { path: string; text: MessageKey; also?: RegExp };

// A page that stands in the menu is one line here.
const kItems: readonly Item[] = [
  { path: '/overview', text: 'nav.overview' },
  { path: '/traces', text: 'nav.traces' },
  { path: '/graph', text: 'graph.nav' },
  { path: '/applications', text: 'nav.applications', also: /^\/namespaces\/[^/]+\/applications\// },
  { path: '/workloads', text: 'nav.workloads', also: /^\/namespaces\/[^/]+\/workloads\// },
  { path: '/services', text: 'nav.services', also: /^\/namespaces\/[^/]+\/services\// },
  { path: '/status', text: 'nav.status' },
];

export function Menu() {
  const t = useT();
  const { pathname } = useLocation();
  const [search] = useSearchParams();
  const tracing = useTracingInfo().data;
  const external = jaegerHome(tracing?.url);
  const shown = kItems.filter((item) => item.path !== '/traces' || tracing?.integration);
  return (
    <PageSidebar>
      <PageSidebarBody>
        <Nav aria-label={t('nav.label')}>
          <NavList>
            {shown.map((item) => {
              const active = pathname === item.path || pathname.startsWith(`${item.path}/`) || (item.also?.test(pathname) ?? false);
              return (
                <NavItem key={item.path} isActive={active}>
                  <Link to={keepShared(item.path, search)} aria-current={active ? 'page' : undefined}>
                    {t(item.text)}
                  </Link>
                </NavItem>
              );
            })}
            {external && (
              <NavItem className="ms-external-item">
                <a href={tracing?.url} target="_blank" rel="noopener noreferrer" data-testid="external-tracing">
                  {t('nav.external')} <ExternalLinkAltIcon aria-label={t('nav.externalHint')} />
                </a>
              </NavItem>
            )}
          </NavList>
        </Nav>
      </PageSidebarBody>
    </PageSidebar>
  );
}
