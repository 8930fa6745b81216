export type Direction = 'asc' | 'desc';
export type Order<C extends string> = { by: C; ascending: boolean };

// The column by which a table is ordered, as the address has it ("duration:desc"); the usual one when it names none of them.
export function readOrder<C extends string>(text: string, columns: readonly C[], usual: `${C}:${Direction}`): Order<C> {
  const [wanted, direction] = (text === '' ? usual : text).split(':');
  const by = columns.find((one) => one === wanted) ?? columns.find((one) => usual.startsWith(`${one}:`)) ?? (columns[0] as C);
  return { by, ascending: direction !== 'desc' };
}

// After a click on the head of that column: the other direction where it is by that one already. null: the usual order.
export function nextOrder<C extends string>(now: Order<C>, column: C, usual: `${C}:${Direction}`, first: Direction = 'asc'): string | null {
  const other: Direction = now.ascending ? 'desc' : 'asc';
  const next = `${column}:${now.by === column ? other : first}`;
  return next === usual ? null : next;
}
