import type { GraphNode } from '@/api/schema.gen';

// What a node is marked with, besides its health; in this order.
export const kBadges = [
  'outOfMesh', 'dead', 'inaccessible', 'circuitBreaker', 'faultInjection', 'virtualService', 'requestRouting', 'trafficShifting', 'requestTimeout',
  'mirroring', 'gateway', 'waypoint', 'ambient', 'serviceEntry', 'workloadEntry', 'root', 'idle',
] as const;
export type Badge = (typeof kBadges)[number];

const kHas: Record<Badge, (node: GraphNode) => boolean> = {
  outOfMesh: (node) => node.isOutOfMesh === true,
  dead: (node) => node.isDead === true,
  inaccessible: (node) => node.isInaccessible === true,
  circuitBreaker: (node) => node.hasCB === true,
  faultInjection: (node) => node.hasFaultInjection === true,
  // Said for itself only where nothing tells what it does.
  virtualService: (node) => node.hasVS !== undefined && !node.hasFaultInjection && !node.hasRequestRouting && !shifts(node) && !node.hasRequestTimeout && !node.hasMirroring,
  requestRouting: (node) => node.hasRequestRouting === true,
  trafficShifting: (node) => shifts(node),
  requestTimeout: (node) => node.hasRequestTimeout === true,
  mirroring: (node) => node.hasMirroring === true,
  gateway: (node) => node.isGateway !== undefined || node.isK8sGatewayAPI === true,
  waypoint: (node) => node.isWaypoint === true,
  ambient: (node) => node.isAmbient === true && node.isWaypoint !== true,
  serviceEntry: (node) => node.isServiceEntry !== undefined,
  workloadEntry: (node) => (node.hasWorkloadEntry?.length ?? 0) > 0,
  root: (node) => node.isRoot === true,
  idle: (node) => node.isIdle === true,
};

const shifts = (node: GraphNode): boolean => node.hasTrafficShifting === true || node.hasTCPTrafficShifting === true;

export const badgesOf = (node: GraphNode): Badge[] => kBadges.filter((badge) => kHas[badge](node));

// The hosts that marks of a node are about.
export function hostsOf(node: GraphNode): string[] {
  const gateways = node.isGateway ? [node.isGateway.ingressInfo, node.isGateway.egressInfo, node.isGateway.gatewayAPIInfo] : [];
  const hosts = [...(node.hasVS?.hostnames ?? []), ...(node.isServiceEntry?.hosts ?? []), ...gateways.flatMap((one) => one.hostnames ?? [])];
  return [...new Set(hosts)];
}

// How a node is: the worst of its requests and its pods; undefined when that was not judged, or may not be seen.
export const healthOf = (node: GraphNode) => node.healthData?.status?.status;
