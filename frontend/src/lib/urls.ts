// Parameters that every page shares and that links between pages keep.
export const kShared = ['rangeDuration', 'from', 'to', 'refresh', 'namespaces'] as const;

// `path` with the shared parameters of the present address, and those of its own.
export function keepShared(path: string, present: URLSearchParams, own: Record<string, string | undefined> = {}): string {
  const search = new URLSearchParams();
  for (const name of kShared) {
    const value = present.get(name);
    if (value !== null) search.set(name, value);
  }
  for (const [name, value] of Object.entries(own)) {
    if (value !== undefined && value !== '') search.set(name, value);
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

export type Kind = 'workloads' | 'services' | 'applications';
export const kKinds: readonly Kind[] = ['applications', 'workloads', 'services'];

export const isKind = (text: string | undefined): text is Kind => kKinds.some((kind) => kind === text);

export function subjectPath(kind: Kind, namespace: string, name: string): string {
  return `/namespaces/${encodeURIComponent(namespace)}/${kind}/${encodeURIComponent(name)}`;
}

// The API says apps where the pages say applications.
export const apiKind = (kind: Kind): string => (kind === 'applications' ? 'apps' : kind);

export const isTraceId = (text: string): boolean => /^[0-9a-fA-F]{1,32}$/.test(text.trim());
