import type { HealthStatus } from '@/api/schema.gen';
import { HealthLabel } from '@/components/HealthLabel';
import type { Formats, Translate } from '@/i18n';
import { badness } from '@/lib/health';
import type { Column } from './ObjectTable';

type Judged = { name: string; namespace: string; health: { status?: HealthStatus } };

const rateOf = (row: Judged): number => row.health.status?.totalRequestRate ?? 0;
// Percent; -1 where no requests were judged.
const errorsOf = (row: Judged): number => (row.health.status ? (row.health.status.errorRatio ?? 0) : -1);

// How something is, how much it gets and sends, and what share of that fails. Sorted ascending, the worst comes first.
export function healthColumns<T extends Judged>(t: Translate, number: Formats['number']): Array<Column<T>> {
  return [
    {
      id: 'health',
      title: t('list.health'),
      value: (row) => badness(row.health.status?.status ?? 'NA'),
      shown: (row) => <HealthLabel health={row.health.status?.status ?? 'NA'} />,
    },
    { id: 'rate', title: t('list.requests'), value: rateOf, shown: (row) => (rateOf(row) > 0 ? t('overview.perSecond', { rate: number(rateOf(row), 2) }) : '–') },
    {
      id: 'errors',
      title: t('overview.errors'),
      value: errorsOf,
      shown: (row) => {
        const percent = errorsOf(row);
        if (percent < 0) return '–';
        return <span className={percent > 0 ? 'ms-bad-text' : ''}>{t('overview.percent', { percent: number(percent, 1) })}</span>;
      },
    },
  ];
}
