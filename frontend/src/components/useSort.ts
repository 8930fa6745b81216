import type { ThProps } from '@patternfly/react-table';
import { useUrlState } from '@/app/urlState';

export type Order<C extends string> = { by: C; ascending: boolean };

// The column by which a table is ordered, as the address has it under this name ("duration:desc"), and the sign in the head of each.
export function useSort<C extends string>(
  parameter: string,
  columns: readonly C[],
  usual: `${C}:${'asc' | 'desc'}`,
): Order<C> & { sortOf: (column: C) => NonNullable<ThProps['sort']> } {
  const { text, replace } = useUrlState();
  const [wanted, direction] = text(parameter, usual).split(':');
  const by = columns.find((one) => one === wanted) ?? columns.find((one) => usual.startsWith(`${one}:`)) ?? (columns[0] as C);
  const ascending = direction !== 'desc';
  const sortOf = (column: C) => ({
    columnIndex: columns.indexOf(column),
    sortBy: { index: columns.indexOf(by), direction: ascending ? ('asc' as const) : ('desc' as const) },
    onSort: (_: unknown, __: number, to: string) => replace({ [parameter]: `${column}:${to}` === usual ? null : `${column}:${to}` }),
  });
  return { by, ascending, sortOf };
}
