import type { Translate } from '@/i18n';

type InMesh = { istioSidecar: boolean; isAmbient: boolean; isGateway?: boolean };

// How something takes part in the mesh, in one word.
export function meshText(one: InMesh, t: Translate): string {
  if (one.isGateway) return t('list.gateway');
  if (one.isAmbient) return t('list.ambient');
  return t(one.istioSidecar ? 'list.sidecar' : 'list.outside');
}
