import { useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import type { HeatCell, HeatCells } from '@/api/schema.gen';
import { useSettings } from '@/app/settings';
import { Foldout } from '@/components/Foldout';
import { useFormats, useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import { heatColors, heatText, heatValue, kMissingColors, type Scale } from '@/lib/heatmap';
import { cellText, statLong, statShort } from './cellTexts';

type Matrix = { cells: HeatCells; intervals: readonly string[]; stats: readonly string[]; label: string; name: string }; // `name`: of its table in the address

function Twin({ cells, intervals, stats, label, name }: Matrix) {
  const t = useT();
  const { number } = useFormats();
  return (
    <Foldout list="tables" name={name} title={t('heat.table')}>
      {() => (
        <Table aria-label={label} variant="compact" data-testid="heat-table">
          <Thead>
            <Tr>
              {(['interval', 'stat', 'difference', 'measured', 'requests'] as const).map((one) => (
                <Th key={one}>{t(`heat.${one}`)}</Th>
              ))}
            </Tr>
          </Thead>
          <Tbody>
            {intervals.flatMap((interval, row) =>
              stats.map((stat, column) => {
                const cell: HeatCell = cells[row]?.[column] ?? {};
                const known = cell.value !== undefined;
                return (
                  <Tr key={`${interval} ${stat}`}>
                    <Td>{interval}</Td>
                    <Td>{statLong(stat, t)}</Td>
                    <Td>{known ? `${heatText(cell.value ?? 0)} ms` : t(`heat.reason.${cell.missing ?? 'no_samples'}`)}</Td>
                    <Td>{known ? formatDuration((cell.stat ?? 0) * 1000) : ''}</Td>
                    <Td>{known ? number(cell.samples ?? 0) : ''}</Td>
                  </Tr>
                );
              }),
            )}
          </Tbody>
        </Table>
      )}
    </Foldout>
  );
}

// A matrix of differences: every cell can be reached with the arrow keys, and is told in words beside it. `children`: what is said of all.
export function HeatGrid({ cells, intervals, stats, label, name, scale, about, children }: Matrix & {
  scale: Scale;
  about?: string | undefined;
  children?: ReactNode;
}) {
  const t = useT();
  const { number } = useFormats();
  const { settings } = useSettings();
  const [at, setAt] = useState<readonly [number, number]>([0, stats.length - 1]);
  const [told, setTold] = useState<readonly [number, number] | null>(null);
  const grid = useRef<HTMLTableElement>(null);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    const row = Math.min(intervals.length - 1, Math.max(0, at[0] + (step[0] ?? 0)));
    const column = Math.min(stats.length - 1, Math.max(0, at[1] + (step[1] ?? 0)));
    setAt([row, column]);
    grid.current?.querySelector<HTMLElement>(`[data-cell="${row} ${column}"]`)?.focus();
  };
  const reasons = new Set(cells.flat().map((cell) => (cell.value === undefined ? (cell.missing ?? 'no_samples') : '')));
  const [only] = reasons;
  if (reasons.size === 1 && only) {
    return (
      <p className="ms-reason" data-testid="heat-missing">
        {t('heat.allMissing', { reason: t(`heat.reason.${only}`) })}
      </p>
    );
  }
  const shown = told ?? at;
  const cell = cells[shown[0]]?.[shown[1]] ?? {};
  return (
    <div className="ms-heat">
      <table ref={grid} role="grid" aria-label={`${label}. ${t('heat.grid')}`} onKeyDown={move} data-testid="heatmap">
        <thead>
          <tr>
            <td />
            {stats.map((stat) => (
              <th key={stat} scope="col" title={statLong(stat, t)}>
                {statShort(stat, t)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {intervals.map((interval, row) => (
            <tr key={interval}>
              <th scope="row">{interval}</th>
              {stats.map((stat, column) => {
                const one: HeatCell = cells[row]?.[column] ?? {};
                const said = cellText(one, interval, stat, t, number);
                const text = one.value === undefined ? t('heat.na') : heatText(one.value);
                const colors = one.value === undefined ? kMissingColors : heatColors(heatValue(one, scale), settings.safeColors ? 'safe' : 'classic');
                return (
                  <td
                    key={stat}
                    role="gridcell"
                    data-cell={`${row} ${column}`}
                    tabIndex={at[0] === row && at[1] === column ? 0 : -1}
                    aria-label={`${text}: ${said}`}
                    title={said}
                    onFocus={() => {
                      setAt([row, column]);
                      setTold([row, column]);
                    }}
                    onMouseEnter={() => setTold([row, column])}
                    style={{ background: colors.back, color: colors.text }}
                  >
                    {text}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <div className="ms-heat-words">
        <p data-testid="heat-told">
          {cellText(cell, intervals[shown[0]] ?? '', stats[shown[1]] ?? '', t, number)}
          {about ? ` (${about})` : ''}
        </p>
        {children}
        <Twin cells={cells} intervals={intervals} stats={stats} label={label} name={name} />
      </div>
    </div>
  );
}
