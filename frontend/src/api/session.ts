import { getJson, send, apiUrl } from './client';
import type { AuthInfo, SignedIn } from './schema.gen';

export const authInfo = (signal?: AbortSignal): Promise<AuthInfo> => getJson<AuthInfo>('api/auth/info', {}, signal);

// With strategy header the token is the proxy's: the form stays empty.
export async function signIn(token?: string): Promise<SignedIn | undefined> {
  const response = await send(apiUrl('api/authenticate'), {
    method: 'POST',
    body: new URLSearchParams(token === undefined ? {} : { token }),
  });
  return response.headers.get('Content-Type')?.startsWith('application/json') ? ((await response.json()) as SignedIn) : undefined;
}

export async function extendSession(): Promise<void> {
  await send(apiUrl('api/authenticate'), {});
}

export async function signOut(): Promise<void> {
  await send(apiUrl('api/logout'), {});
}
