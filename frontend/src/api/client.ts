import type { Error as ErrorBody, Hint } from './schema.gen';

// The API stands beside the pages: <web_root>/api and <web_root>/console.
export const apiRoot = new URL('../', document.baseURI).href;
export const pagesBase = new URL(document.baseURI).pathname.replace(/\/$/, '');

// An answer that is no success. `status` 0: no answer came.
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly detail: string | undefined,
    readonly hint: Hint | undefined,
    readonly upstream: string | undefined,
    readonly requestId: string | undefined,
  ) {
    super(message);
  }
}

export type Parameters = Record<string, string | number | boolean | undefined>;

export function apiUrl(path: string, parameters: Parameters = {}): string {
  const url = new URL(path.replace(/^\//, ''), apiRoot);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== '') url.searchParams.set(name, String(value));
  }
  return url.href;
}

const listeners = new Set<() => void>();

// Called with every answer that says that nobody is logged in.
export function onUnauthenticated(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

async function errorOf(response: Response): Promise<ApiError> {
  let body: Partial<ErrorBody> = {};
  try {
    body = (await response.json()) as ErrorBody;
  } catch {
    // Something between the server and here answered.
  }
  const text = body.error ?? `HTTP ${response.status}`;
  return new ApiError(response.status, body.code ?? 'http', text, body.detail, body.hint, body.upstream, body.requestId);
}

export async function send(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { credentials: 'same-origin', ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'no_answer', error instanceof Error ? error.message : String(error), undefined, undefined, undefined, undefined);
  }
  if (response.ok) return response;
  const error = await errorOf(response);
  if (error.status === 401) for (const listener of listeners) listener();
  throw error;
}

export async function getJson<T>(path: string, parameters: Parameters, signal?: AbortSignal): Promise<T> {
  const response = await send(apiUrl(path, parameters), { signal: signal ?? null, headers: { Accept: 'application/json' } });
  return (await response.json()) as T;
}

// For bodies that carry their `meta` in a header.
export async function getWithMeta<T, M>(path: string, parameters: Parameters, signal?: AbortSignal): Promise<{ data: T; meta: M | undefined }> {
  const response = await send(apiUrl(path, parameters), { signal: signal ?? null, headers: { Accept: 'application/json' } });
  const header = response.headers.get('Meshscope-Meta');
  return { data: (await response.json()) as T, meta: header === null ? undefined : (JSON.parse(header) as M) };
}
