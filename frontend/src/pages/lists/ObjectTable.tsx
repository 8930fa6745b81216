import { useMemo, type ReactNode } from 'react';
import { PageSection, SearchInput, Toolbar, ToolbarContent, ToolbarItem } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useChosenNamespaces, useUrlState } from '@/app/urlState';
import { Empty } from '@/components/states';
import { useFormats, useT } from '@/i18n';

export type Column<T> = { id: string; title: string; value: (row: T) => string | number; shown?: (row: T) => ReactNode };

const kMostRows = 500;

// A list of objects: filtered by name, sorted by a column, both in the address.
export function ObjectTable<T extends { name: string; namespace: string }>({ rows, columns, what }: { rows: readonly T[]; columns: ReadonlyArray<Column<T>>; what: string }) {
  const t = useT();
  const { number } = useFormats();
  const { text, replace } = useUrlState();
  const [namespaces] = useChosenNamespaces();
  const filter = text('name');
  const [by = 'name', direction = 'asc'] = text('sort', 'name:asc').split(':');
  const shown = useMemo(() => {
    const column = columns.find((one) => one.id === by) ?? columns[0];
    const sign = direction === 'desc' ? -1 : 1;
    const kept = rows.filter((row) => row.name.toLowerCase().includes(filter.toLowerCase()));
    return kept.sort((a, b) => {
      const left = column?.value(a) ?? '';
      const right = column?.value(b) ?? '';
      const order = typeof left === 'number' && typeof right === 'number' ? left - right : String(left).localeCompare(String(right));
      return sign * order || a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name);
    });
  }, [rows, columns, filter, by, direction]);
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
          <ToolbarItem alignSelf="center">
            <span data-testid="row-count">
              {number(shown.length)} {what}
            </span>
          </ToolbarItem>
        </ToolbarContent>
      </Toolbar>
      {shown.length === 0 ? (
        <Empty title={t('list.none')}>
          {filter !== '' ? t('list.noneFiltered', { filter }) : t('list.noneText', { what, where: namespaces.join(', ') || t('list.everywhere') })}
        </Empty>
      ) : (
        <Table aria-label={what} variant="compact">
          <Thead>
            <Tr>
              {columns.map((column, at) => (
                <Th
                  key={column.id}
                  sort={{
                    columnIndex: at,
                    sortBy: { index: columns.findIndex((one) => one.id === by), direction: direction === 'desc' ? 'desc' : 'asc' },
                    onSort: (_, __, to) => replace({ sort: `${column.id}:${to}` }),
                  }}
                >
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
      )}
      {shown.length > kMostRows && <p>{t('list.more', { shown: number(kMostRows), count: number(shown.length) })}</p>}
    </PageSection>
  );
}
