import type { ReactNode } from 'react';
import { ExpandableSection } from '@patternfly/react-core';
import { useUrlState } from '@/app/urlState';
import { HealthLabel } from '@/components/HealthLabel';
import { useT } from '@/i18n';
import { kBadges } from '@/lib/graphBadges';
import { kHealth } from '@/lib/health';
import { kBadgeIcons } from './badges';

const kEdges = ['good', 'warn', 'bad', 'tcp', 'idle'] as const;
const kNodes = ['workload', 'app', 'service', 'box', 'outside'] as const;
const kMarks = { workload: 'W', app: 'A', service: 'S', box: '+', outside: 'W' } as const;

function Signs<T extends string>({ title, of, sign, className }: { title: string; of: readonly T[]; sign: (one: T) => ReactNode; className?: string }) {
  return (
    <section className={className}>
      <h3>{title}</h3>
      <ul>
        {of.map((one) => (
          <li key={one}>{sign(one)}</li>
        ))}
      </ul>
    </section>
  );
}

// What shapes, lines and signs of the picture mean. The address says whether it is open.
export function Legend() {
  const t = useT();
  const { flag, replace } = useUrlState();
  const open = flag('legend');
  return (
    <ExpandableSection toggleText={t('graph.legend')} isExpanded={open} onToggle={(_, now) => replace({ legend: now ? 'true' : null })} data-testid="legend">
      {open && (
        <div className="ms-graph-legend" data-testid="legend-body">
          <Signs
            title={t('graph.legend.nodes')}
            of={kNodes}
            sign={(kind) => (
              <>
                <svg viewBox="0 0 44 20" className={`ms-graph-sample${kind === 'outside' ? ' ms-outside' : ''}`} aria-hidden>
                  {kind === 'box' && <rect x={4} y={0} width={38} height={15} rx={4} className="ms-node-body" />}
                  <rect x={1} y={kind === 'box' ? 4 : 2} width={38} height={15} rx={kind === 'service' ? 7 : 4} className="ms-node-body" />
                  <text x={8} y={kind === 'box' ? 15 : 14} className="ms-node-mark">
                    {kMarks[kind]}
                  </text>
                </svg>
                {t(`graph.legend.${kind}`)}
              </>
            )}
          />
          <Signs
            title={t('graph.legend.edges')}
            of={kEdges}
            sign={(state) => (
              <>
                <svg viewBox="0 0 44 20" className={`ms-graph-sample ms-edge-${state}`} aria-hidden>
                  <path d="M1 10H43" className="ms-edge-line" />
                </svg>
                {t(`graph.state.${state}`)}
              </>
            )}
          />
          <Signs
            title={t('graph.legend.health')}
            of={kHealth}
            sign={(word) => <HealthLabel health={word} />}
          />
          <Signs
            title={t('graph.legend.badges')}
            of={kBadges}
            className="ms-legend-badges"
            sign={(badge) => {
              const Sign = kBadgeIcons[badge];
              return (
                <>
                  <Sign /> {t(`graph.badge.${badge}`)}
                </>
              );
            }}
          />
        </div>
      )}
    </ExpandableSection>
  );
}
