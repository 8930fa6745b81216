import { expect, test } from 'vitest';
import { facts } from './fixtures';
import { peerOf } from './spanPeer';

const peer = (more: object) => ({ value: null, service: null, namespace: null, address: null, rule: null, ...more });
const caller = facts('c', null, 0, 20, { workload: 'productpage-v1', namespace: 'bookinfo' });

test('the callee of a client is a service, the caller of a server the workload of its other span', () => {
  const client = facts('c', null, 0, 20, { peer: peer({ value: 'ratings.bookinfo.svc.cluster.local', service: 'ratings', namespace: 'bookinfo' }) });
  expect(peerOf(client, undefined)).toEqual({ kind: 'services', namespace: 'bookinfo', name: 'ratings' });
  const server = facts('s', 'c', 1, 18, { peer: peer({ value: 'productpage-v1', namespace: 'bookinfo', rule: 'parent client span' }) });
  expect(peerOf(server, caller)).toEqual({ kind: 'workloads', namespace: 'bookinfo', name: 'productpage-v1' });
});

test('without a page: an address, a caller that nothing is known of, one that may not be seen', () => {
  const server = facts('s', 'c', 1, 18, { peer: peer({ value: '10.0.0.7', address: '10.0.0.7:443' }) });
  expect(peerOf(server, undefined)).toBeUndefined();
  expect(peerOf(server, facts('c', null, 0, 20))).toBeUndefined();
  expect(peerOf(server, { ...caller, redacted: true })).toBeUndefined();
});
