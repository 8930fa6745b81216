import { useSyncExternalStore } from 'react';
import type { Trace } from '@/api/schema.gen';
import { kLargestFile, readTraces, type Unreadable } from '@/lib/traceFile';

// The file that is open; pages come and go, it stays until another one is chosen or the browser loads anew.
export type Opened =
  | { state: 'none' }
  | { state: 'reading'; name: string }
  | { state: 'wrong'; name: string; why: Unreadable | 'bytes' | 'read'; cause: string }
  | { state: 'open'; name: string; traces: readonly Trace[] };

let opened: Opened = { state: 'none' };
const listeners = new Set<() => void>();

function set(next: Opened): void {
  opened = next;
  for (const listener of listeners) listener();
}

const listen = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useOpened = (): Opened => useSyncExternalStore(listen, () => opened);

// Of two files that are chosen one after the other the later one counts.
export async function openFile(file: File): Promise<void> {
  const { name } = file;
  if (file.size > kLargestFile) return set({ state: 'wrong', name, why: 'bytes', cause: '' });
  const reading: Opened = { state: 'reading', name };
  set(reading);
  let next: Opened;
  try {
    const read = readTraces(await file.text());
    next = 'traces' in read ? { state: 'open', name, traces: read.traces } : { state: 'wrong', name, why: read.wrong, cause: '' };
  } catch (error) {
    next = { state: 'wrong', name, why: 'read', cause: error instanceof Error ? error.message : String(error) };
  }
  if (opened === reading) set(next);
  return undefined;
}
