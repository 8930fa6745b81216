import { Component, lazy, type ComponentType, type ReactNode } from 'react';
import { PageSection } from '@patternfly/react-core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createBrowserRouter, matchPath, Navigate, Outlet, RouterProvider, useLocation, useSearchParams } from 'react-router';
import { pagesBase } from '@/api/client';
import { Failure } from '@/components/states';
import { Translations, useT } from '@/i18n';
import { keepShared } from '@/lib/urls';
import { Notifications } from './notifications';
import { onDemand } from './onDemand';
import { Session } from './session';
import { SettingsProvider } from './settings';
import { Shell } from './Shell';

const client = new QueryClient({
  defaultOptions: { queries: { retry: false, refetchOnWindowFocus: false, staleTime: 5000 } },
});

type Caught = { error: Error | null };

// A page that throws takes only itself down.
class Guard extends Component<{ title: string; place: string; children: ReactNode }, Caught & { place: string }> {
  override state: Caught & { place: string } = { error: null, place: this.props.place };
  static getDerivedStateFromError(error: Error): Caught {
    return { error };
  }
  static getDerivedStateFromProps(props: { place: string }, state: Caught & { place: string }) {
    return props.place === state.place ? null : { error: null, place: props.place };
  }
  override render() {
    if (!this.state.error) return this.props.children;
    return <Failure title={this.props.title} error={this.state.error} retry={() => this.setState({ error: null })} />;
  }
}

function Guarded() {
  const t = useT();
  const { pathname } = useLocation();
  return (
    <Guard title={t('error.unexpected')} place={pathname}>
      <Outlet />
    </Guard>
  );
}

function Home() {
  const [search] = useSearchParams();
  return <Navigate to={keepShared('/overview', search)} replace />;
}

function NotFound() {
  const t = useT();
  const { pathname } = useLocation();
  return (
    <PageSection>
      <h1>{t('notFound.title')}</h1>
      <p>{t('notFound.text', { path: pathname })}</p>
    </PageSection>
  );
}

const here = window.location.pathname.slice(pagesBase.length);

// Pages are loaded when they are looked at, and the one before stays till then; the one that the address names already while it is found out who looks.
const page = (path: string, load: () => Promise<ComponentType>) => {
  const Page = matchPath(path, here) === null ? lazy(async () => ({ default: await load() })) : onDemand(load, true);
  return { path, element: <Page /> };
};

const router = createBrowserRouter(
  [
    {
      element: (
        <Session>
          <Shell />
        </Session>
      ),
      children: [
        {
          element: <Guarded />,
          children: [
            { path: '/', element: <Home /> },
            page('/overview', async () => (await import('@/pages/overview/Overview')).Overview),
            page('/traces', async () => (await import('@/pages/traces/TraceSearch')).TraceSearch),
            page('/traces/compare', async () => (await import('@/pages/compare/ComparePage')).ComparePage),
            page('/traces/file', async () => (await import('@/pages/traceFile/TraceFile')).TraceFile),
            page('/traces/:traceId', async () => (await import('@/pages/trace/TracePage')).TracePage),
            page('/graph', async () => (await import('@/pages/graph/GraphPage')).GraphPage),
            page('/graph/namespaces', async () => (await import('@/pages/graph/GraphPage')).GraphPage),
            page('/workloads', async () => (await import('@/pages/lists/Workloads')).Workloads),
            page('/applications', async () => (await import('@/pages/lists/Applications')).Applications),
            page('/services', async () => (await import('@/pages/lists/Services')).Services),
            page('/namespaces/:namespace/:kind/:name', async () => (await import('@/pages/detail/Detail')).Detail),
            page('/status', async () => (await import('@/pages/status/StatusPage')).StatusPage),
            { path: '*', element: <NotFound /> },
          ],
        },
      ],
    },
  ],
  { basename: pagesBase },
);

export function App() {
  return (
    <SettingsProvider>
      <Translations>
        <QueryClientProvider client={client}>
          <Notifications>
            <RouterProvider router={router} />
          </Notifications>
        </QueryClientProvider>
      </Translations>
    </SettingsProvider>
  );
}
