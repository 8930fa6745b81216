import type { Compact } from '@/api/heatmaps';
import { useSettings } from '@/app/settings';
import { useFormats, useT } from '@/i18n';
import { heatColors, heatValue, kMissingColors } from '@/lib/heatmap';
import { cellText } from './cellTexts';

// The matrix of a trace without its numbers, which are told in words.
export function HeatMini({ found }: { found: Compact | null | undefined }) {
  const t = useT();
  const { number } = useFormats();
  const { settings } = useSettings();
  if (found === undefined) return <span className="ms-heat-mini ms-heat-coming" aria-hidden />;
  const cells = found?.cells;
  if (!found || !cells || cells.flat().every((cell) => cell.value === undefined)) return <small className="ms-reason">{t('heat.compactNone')}</small>;
  const first = cells[0]?.[0] ?? {};
  const words = cellText(first, found.intervals[0] ?? '', found.stats[0] ?? '', t, number);
  return (
    <span className="ms-heat-mini" role="img" aria-label={words} title={words} data-testid="heat-mini" style={{ gridTemplateColumns: `repeat(${found.stats.length}, 1fr)` }}>
      {cells.flatMap((row, at) =>
        row.map((cell, column) => (
          <span
            key={`${found.intervals[at]} ${found.stats[column]}`}
            style={{
              background: (cell.value === undefined ? kMissingColors : heatColors(heatValue(cell, 'absolute'), settings.safeColors ? 'safe' : 'classic')).back,
            }}
          />
        )),
      )}
    </span>
  );
}
