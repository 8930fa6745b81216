import type { HeatCell } from '@/api/schema.gen';
import type { Translate } from '@/i18n';
import { formatDuration } from '@/lib/duration';

export const statShort = (stat: string, t: Translate): string => (stat === 'avg' ? t('heat.avg') : `p${Math.round(Number(stat) * 1000) / 10}`);

export const statLong = (stat: string, t: Translate): string =>
  stat === 'avg' ? t('heat.long.avg') : t('heat.long.quantile', { percent: Math.round(Number(stat) * 1000) / 10 });

// A cell in one sentence.
export function cellText(cell: HeatCell, interval: string, stat: string, t: Translate, number: (value: number) => string): string {
  const where = { stat: statLong(stat, t), interval };
  if (cell.value === undefined) return t('heat.missing', { ...where, reason: t(`heat.reason.${cell.missing ?? 'no_samples'}`) });
  const measured = cell.stat ?? 0;
  return t(cell.value > 0 ? 'heat.slower' : cell.value < 0 ? 'heat.faster' : 'heat.same', {
    ...where,
    difference: formatDuration(Math.abs(cell.value) * 1000),
    request: formatDuration((measured + cell.value) * 1000),
    measured: formatDuration(measured * 1000),
    count: number(cell.samples ?? 0),
  });
}
