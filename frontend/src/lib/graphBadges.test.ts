import { expect, test } from 'vitest';
import type { GraphNode } from '@/api/schema.gen';
import { badgesOf, healthOf, hostsOf, kBadges } from './graphBadges';

const node = (more: Partial<GraphNode>): GraphNode => ({ id: 'n', nodeType: 'app', cluster: 'c', namespace: 'ns', healthData: null, ...more });

test.each<[Partial<GraphNode>, string[]]>([
  [{}, []],
  [{ isOutOfMesh: true, isRoot: true }, ['outOfMesh', 'root']],
  [{ hasCB: true, hasVS: {} }, ['circuitBreaker', 'virtualService']],
  [{ hasVS: {}, hasFaultInjection: true }, ['faultInjection']],
  [{ hasVS: {}, hasRequestRouting: true, hasTrafficShifting: true }, ['requestRouting', 'trafficShifting']],
  [{ hasTCPTrafficShifting: true }, ['trafficShifting']],
  [{ isWaypoint: true, isAmbient: true }, ['waypoint']],
  [{ isAmbient: true, isIdle: true }, ['ambient', 'idle']],
  [{ hasWorkloadEntry: [] }, []],
  [{ hasWorkloadEntry: [{ name: 'vm' }], isDead: true, isInaccessible: true }, ['dead', 'inaccessible', 'workloadEntry']],
  [{ hasRequestTimeout: true, hasMirroring: true, isK8sGatewayAPI: true }, ['requestTimeout', 'mirroring', 'gateway']],
])('%j', (more, badges) => {
  expect(badgesOf(node(more))).toEqual(badges);
  expect(badges.every((one) => (kBadges as readonly string[]).includes(one))).toBe(true);
});

test('hosts are told once; health is the worst of requests and pods', () => {
  const gateway = { ingressInfo: { hostnames: ['a.example'] }, egressInfo: {}, gatewayAPIInfo: { hostnames: ['b.example'] } };
  expect(hostsOf(node({ isGateway: gateway, hasVS: { hostnames: ['a.example', 'c'] } }))).toEqual(['a.example', 'c', 'b.example']);
  expect(hostsOf(node({}))).toEqual([]);
  expect(healthOf(node({}))).toBeUndefined();
  // Of what may not be seen the shape is there, empty.
  expect(healthOf(node({ healthData: { requests: { healthAnnotations: {}, inbound: {}, outbound: {} }, workloadStatus: null } }))).toBeUndefined();
});
