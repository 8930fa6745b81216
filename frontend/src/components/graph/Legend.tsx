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

// What shapes, lines and signs of the picture mean. The address says whether it is open.
export function Legend() {
  const t = useT();
  const { flag, replace } = useUrlState();
  const open = flag('legend');
  return (
    <ExpandableSection toggleText={t('graph.legend')} isExpanded={open} onToggle={(_, now) => replace({ legend: now ? 'true' : null })} data-testid="legend">
      {open && (
        <div className="ms-graph-legend" data-testid="legend-body">
          <section>
            <h3>{t('graph.legend.nodes')}</h3>
            <ul>
              {kNodes.map((kind) => (
                <li key={kind}>
                  <svg viewBox="0 0 44 20" className={`ms-graph-sample${kind === 'outside' ? ' ms-outside' : ''}`} aria-hidden>
                    {kind === 'box' && <rect x={4} y={0} width={38} height={15} rx={4} className="ms-node-body" />}
                    <rect x={1} y={kind === 'box' ? 4 : 2} width={38} height={15} rx={kind === 'service' ? 7 : 4} className="ms-node-body" />
                    <text x={8} y={kind === 'box' ? 15 : 14} className="ms-node-mark">
                      {kMarks[kind]}
                    </text>
                  </svg>
                  {t(`graph.legend.${kind}`)}
                </li>
              ))}
            </ul>
          </section>
          <section>
            <h3>{t('graph.legend.edges')}</h3>
            <ul>
              {kEdges.map((state) => (
                <li key={state}>
                  <svg viewBox="0 0 44 20" className={`ms-graph-sample ms-edge-${state}`} aria-hidden>
                    <path d="M1 10H43" className="ms-edge-line" />
                  </svg>
                  {t(`graph.state.${state}`)}
                </li>
              ))}
            </ul>
          </section>
          <section>
            <h3>{t('graph.legend.health')}</h3>
            <ul>
              {kHealth.map((word) => (
                <li key={word}>
                  <HealthLabel health={word} />
                </li>
              ))}
            </ul>
          </section>
          <section className="ms-legend-badges">
            <h3>{t('graph.legend.badges')}</h3>
            <ul>
              {kBadges.map((badge) => {
                const Sign = kBadgeIcons[badge];
                return (
                  <li key={badge}>
                    <Sign /> {t(`graph.badge.${badge}`)}
                  </li>
                );
              })}
            </ul>
          </section>
        </div>
      )}
    </ExpandableSection>
  );
}
