import { useMemo, type ReactNode } from 'react';
import { Button, PageSection, SearchInput, Toolbar, ToolbarContent, ToolbarItem } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useChosenNamespaces, useUrlState } from '@/app/urlState';
import { Choice } from '@/components/Choice';
import { Empty } from '@/components/states';
import { useSort } from '@/components/useSort';
import { useFormats, useT } from '@/i18n';
import type { HealthStatus } from '@/api/schema.gen';
import { kHealth } from '@/lib/health';

type Listed = { name: string; namespace: string; health?: { status?: HealthStatus } };

export type Column<T> = { id: string; title: string; value: (row: T) => string | number; shown?: (row: T) => ReactNode };

const kMostRows = 500;

// A list of objects: filtered by name and health, sorted by a column, all in the address. `judged`: their health is known.
export function ObjectTable<T extends Listed>({ rows, columns, what, judged = false }: {
  rows: readonly T[];
  columns: ReadonlyArray<Column<T>>;
  what: string;
  judged?: boolean;
}) {
  const t = useT();
  const { number } = useFormats();
  const { text, replace } = useUrlState();
  const [namespaces] = useChosenNamespaces();
  const filter = text('name');
  const health = kHealth.find((one) => judged && one === text('health'));
  const ids = useMemo(() => columns.map((one) => one.id), [columns]);
  const { by, ascending, sortOf } = useSort('sort', ids, 'name:asc');
  const shown = useMemo(() => {
    const column = columns.find((one) => one.id === by) ?? columns[0];
    const sign = ascending ? 1 : -1;
    const kept = rows.filter((row) => row.name.toLowerCase().includes(filter.toLowerCase()) && (health === undefined || row.health?.status?.status === health));
    return kept.sort((a, b) => {
      const left = column?.value(a) ?? '';
      const right = column?.value(b) ?? '';
      const order = typeof left === 'number' && typeof right === 'number' ? left - right : String(left).localeCompare(String(right));
      return sign * order || a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name);
    });
  }, [rows, columns, filter, health, by, ascending]);
  return (
    <PageSection>
      <Toolbar>
        <ToolbarContent>
          <ToolbarItem>
            <SearchInput
              aria-label={t('list.filter')}
              placeholder={t('list.filter')}
              value={filter}
              onChange={(_, value) => replace({ name: value })}
              onClear={() => replace({ name: null })}
            />
          </ToolbarItem>
          {judged && (
            <ToolbarItem>
              <Choice<string>
                label={t('list.health')}
                value={health ?? ''}
                options={[{ value: '', text: t('list.anyHealth') }, ...kHealth.map((value) => ({ value, text: t(`health.${value}`) }))]}
                onChoose={(value) => replace({ health: value })}
              />
            </ToolbarItem>
          )}
          <ToolbarItem alignSelf="center">
            <span data-testid="row-count">
              {number(shown.length)} {what}
            </span>
          </ToolbarItem>
        </ToolbarContent>
      </Toolbar>
      {shown.length === 0 ? (
        <Empty
          title={t('list.none')}
          actions={
            (filter !== '' || health !== undefined) && (
              <Button variant="secondary" onClick={() => replace({ name: null, health: null })}>
                {t('list.showAll')}
              </Button>
            )
          }
        >
          {health !== undefined && rows.length > 0
            ? t('list.noneHealth', { what, health: t(`health.${health}`) })
            : filter !== '' ? t('list.noneFiltered', { filter }) : t('list.noneText', { what, where: namespaces.join(', ') || t('list.everywhere') })}
        </Empty>
      ) : (
        <div className="ms-wide-table">
          <Table aria-label={what} variant="compact" className="ms-list">
            <Thead>
              <Tr>
                {columns.map((column) => (
                  <Th key={column.id} modifier="nowrap" sort={sortOf(column.id)}>
                    {column.title}
                  </Th>
                ))}
              </Tr>
            </Thead>
            <Tbody>
              {shown.slice(0, kMostRows).map((row) => (
                <Tr key={`${row.namespace} ${row.name}`} data-testid="object-row">
                  {columns.map((column) => (
                    <Td key={column.id} dataLabel={column.title}>
                      {column.shown ? column.shown(row) : column.value(row)}
                    </Td>
                  ))}
                </Tr>
              ))}
            </Tbody>
          </Table>
        </div>
      )}
      {shown.length > kMostRows && <p>{t('list.more', { shown: number(kMostRows), count: number(shown.length) })}</p>}
    </PageSection>
  );
}
