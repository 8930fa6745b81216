import type { SpanFacts } from '@/api/schema.gen';
import { ownerOf } from './spanFilters';
import type { Kind } from './urls';

export type Peer = { kind: Kind; namespace: string; name: string };

// Who is on the other side of a call, as something that has a page: the service that was called, or the workload whose span `other`
// is the caller's.
export function peerOf(span: SpanFacts, other: SpanFacts | undefined): Peer | undefined {
  const { peer } = span;
  if (peer?.service && peer.namespace) return { kind: 'services', namespace: peer.namespace, name: peer.service };
  if (!other || other.redacted) return undefined;
  const { namespace, workload } = ownerOf(other);
  return namespace && workload ? { kind: 'workloads', namespace, name: workload } : undefined;
}
