import type { ComponentType, SVGProps } from 'react';
import BanIcon from '@patternfly/react-icons/dist/esm/icons/ban-icon';
import BlueprintIcon from '@patternfly/react-icons/dist/esm/icons/blueprint-icon';
import BoltIcon from '@patternfly/react-icons/dist/esm/icons/bolt-icon';
import ClockIcon from '@patternfly/react-icons/dist/esm/icons/clock-icon';
import CodeBranchIcon from '@patternfly/react-icons/dist/esm/icons/code-branch-icon';
import DoorOpenIcon from '@patternfly/react-icons/dist/esm/icons/door-open-icon';
import ExternalLinkAltIcon from '@patternfly/react-icons/dist/esm/icons/external-link-alt-icon';
import GlobeRouteIcon from '@patternfly/react-icons/dist/esm/icons/globe-route-icon';
import LockIcon from '@patternfly/react-icons/dist/esm/icons/lock-icon';
import MigrationIcon from '@patternfly/react-icons/dist/esm/icons/migration-icon';
import PauseCircleIcon from '@patternfly/react-icons/dist/esm/icons/pause-circle-icon';
import RouteIcon from '@patternfly/react-icons/dist/esm/icons/route-icon';
import ServerIcon from '@patternfly/react-icons/dist/esm/icons/server-icon';
import ShareAltIcon from '@patternfly/react-icons/dist/esm/icons/share-alt-icon';
import ShieldAltIcon from '@patternfly/react-icons/dist/esm/icons/shield-alt-icon';
import SignInAltIcon from '@patternfly/react-icons/dist/esm/icons/sign-in-alt-icon';
import SkullIcon from '@patternfly/react-icons/dist/esm/icons/skull-icon';
import type { HealthWord } from '@/api/schema.gen';
import type { Badge } from '@/lib/graphBadges';

type Icon = ComponentType<Pick<SVGProps<SVGSVGElement>, 'x' | 'y' | 'width' | 'height'>>;

export const kBadgeIcons = {
  outOfMesh: BlueprintIcon,
  dead: SkullIcon,
  inaccessible: LockIcon,
  circuitBreaker: BoltIcon,
  faultInjection: BanIcon,
  virtualService: CodeBranchIcon,
  requestRouting: RouteIcon,
  trafficShifting: ShareAltIcon,
  requestTimeout: ClockIcon,
  mirroring: MigrationIcon,
  gateway: GlobeRouteIcon,
  waypoint: DoorOpenIcon,
  ambient: ShieldAltIcon,
  serviceEntry: ExternalLinkAltIcon,
  workloadEntry: ServerIcon,
  root: SignInAltIcon,
  idle: PauseCircleIcon,
} as const;

const kSize = 18;
const kShown = 6;

const iconOf = (badge: Badge): Icon => kBadgeIcons[badge] as unknown as Icon;

// Small signs on the upper edge of a node, from its right corner on. What they mean is in the legend and in the name of the node.
export function BadgeRow({ badges, width }: { badges: readonly Badge[]; width: number }) {
  const shown = badges.length > kShown ? badges.slice(0, kShown - 1) : badges;
  const more = badges.length - shown.length;
  return (
    <g className="ms-badges" data-testid="badges" data-badges={badges.join(' ')}>
      {shown.map((badge, at) => {
        const Sign = iconOf(badge);
        const x = width - (at + 1) * (kSize + 2);
        return (
          <g key={badge} className={badge === 'outOfMesh' || badge === 'dead' ? 'ms-badge ms-badge-bad' : 'ms-badge'}>
            <rect x={x} y={-kSize / 2} width={kSize} height={kSize} rx={4} />
            <Sign x={x + 3} y={-kSize / 2 + 3} width={kSize - 6} height={kSize - 6} />
          </g>
        );
      })}
      {more > 0 && (
        <text x={width - shown.length * (kSize + 2) - 4} y={4} textAnchor="end">
          +{more}
        </text>
      )}
    </g>
  );
}

const kHealthSigns: Partial<Record<HealthWord, string>> = { Failure: '✕', Degraded: '!', 'Not Ready': '…' };

// The left edge of a node says how it is: by its colour, and what is in trouble by a sign as well.
export function HealthEdge({ health, height, round }: { health: HealthWord | undefined; height: number; round: boolean }) {
  if (health === undefined || health === 'NA') return null;
  const sign = kHealthSigns[health];
  return (
    <g className={`ms-health ms-health-${health.replace(' ', '')}`} data-testid="node-health" data-health={health}>
      <path d={round ? `M22 0 A22 ${height / 2} 0 0 0 22 ${height} A15 ${height / 2} 0 0 1 22 0 Z` : `M8 0 H9 V${height} H8 A8 8 0 0 1 0 ${height - 8} V8 A8 8 0 0 1 8 0 Z`} />
      {sign && (
        <>
          <circle cx={2} cy={height / 2} r={8} />
          <text x={2} y={height / 2 + 4} textAnchor="middle">
            {sign}
          </text>
        </>
      )}
    </g>
  );
}
