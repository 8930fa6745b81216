import type { ReactNode } from 'react';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';

// `className`: of the cell.
export type Column<T> = { title: string; cell: (row: T) => ReactNode; className?: string | ((row: T) => string); width?: 40 };

// A table of what has a heading for each column and neither order nor choice. On a narrow screen each cell names its column, unless it is
// `dense`. `row`: the key and the attributes of a row.
export function SmallTable<T>({ label, columns, rows, row, dense = false, testId }: {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  row: (one: T) => { key: string | number } & Record<`data-${string}`, string>;
  dense?: boolean;
  testId?: string;
}) {
  return (
    <Table aria-label={label} variant="compact" borders={false} data-testid={testId} {...(dense ? { gridBreakPoint: '', className: 'ms-dense' } : {})}>
      <Thead>
        <Tr>
          {columns.map((column) => (
            <Th key={column.title} width={column.width}>
              {column.title}
            </Th>
          ))}
        </Tr>
      </Thead>
      <Tbody>
        {rows.map((one) => {
          const { key, ...attributes } = row(one);
          return (
            <Tr key={key} {...attributes}>
              {columns.map(({ title, cell, className }) => (
                <Td key={title} dataLabel={title} className={typeof className === 'function' ? className(one) : className}>
                  {cell(one)}
                </Td>
              ))}
            </Tr>
          );
        })}
      </Tbody>
    </Table>
  );
}
