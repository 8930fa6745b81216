import type { UseQueryResult } from '@tanstack/react-query';
import { apiUrl, send } from './client';
import { useOnce } from './live';
import type { GrafanaInfo } from './schema.gen';

// The dashboards that are configured; null: there is no Grafana. How it is stands on the status page.
export const useGrafana = (): UseQueryResult<GrafanaInfo | null> =>
  useOnce(['grafana'], async (signal) => {
    const response = await send(apiUrl('api/grafana'), { signal, headers: { Accept: 'application/json' } });
    return response.status === 204 ? null : ((await response.json()) as GrafanaInfo);
  });
