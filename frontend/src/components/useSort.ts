import type { ThProps } from '@patternfly/react-table';
import { useUrlState } from '@/app/urlState';
import { nextOrder, readOrder, type Direction, type Order } from '@/lib/order';

// The column by which a table is ordered, as the address has it under this name ("duration:desc"), the sign in the head of each, and what a
// click there does.
export function useSort<C extends string>(
  parameter: string,
  columns: readonly C[],
  usual: `${C}:${Direction}`,
  first: Direction = 'asc', // of a column that is clicked
): Order<C> & { sortOf: (column: C) => NonNullable<ThProps['sort']>; flip: (column: C) => void } {
  const { text, replace } = useUrlState();
  const { by, ascending } = readOrder(text(parameter), columns, usual);
  const flip = (column: C) => replace((now) => ({ [parameter]: nextOrder(readOrder(now.text(parameter), columns, usual), column, usual, first) }));
  const sortOf = (column: C) => ({
    columnIndex: columns.indexOf(column),
    sortBy: { index: columns.indexOf(by), direction: ascending ? ('asc' as const) : ('desc' as const) },
    onSort: () => flip(column),
  });
  return { by, ascending, sortOf, flip };
}
