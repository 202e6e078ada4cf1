/** Who sits before the browser. The session itself is a cookie that scripts cannot see. */
import { useQuery, useQueryClient } from '@tanstack/react-query';

import { http, type Schemas, setCsrfToken, take } from './client';
import { ApiError } from './problem';

export type Session = Schemas['Session'];

const OWN_PASSWORD_TRIES = 20;
const OWN_PASSWORD_MS = 300;

export const SESSION_KEY = ['session'] as const;

/** Servers learn of a new password within a second or two: until then they would refuse everything else. */
export async function awaitOwnPassword(): Promise<void> {
  for (let tries = 0; tries < OWN_PASSWORD_TRIES; tries += 1) {
    const session = await readSession(AbortSignal.timeout(5_000));
    if (!session?.must_change_password) return;
    await new Promise((resolve) => setTimeout(resolve, OWN_PASSWORD_MS));
  }
}

async function readSession(signal: AbortSignal): Promise<Session | null> {
  try {
    const session = await take(http.GET('/session', { signal }));
    setCsrfToken(session.csrf_token);
    return session;
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.status === 401) return null;
    throw thrown;
  }
}

/** `data` null: nobody has signed in. Asked again when the window comes back, and after a 401. */
export function useSession() {
  return useQuery<Session | null, ApiError>({
    queryKey: SESSION_KEY,
    queryFn: ({ signal }) => readSession(signal),
    staleTime: 60_000,
    refetchInterval: 300_000,
  });
}

/** Signs in and out. Both forget everything that was read: it was another's. */
export function useSigning() {
  const client = useQueryClient();
  const become = (session: Session | null) => {
    setCsrfToken(session?.csrf_token);
    client.removeQueries({ predicate: (query) => query.queryKey[0] !== SESSION_KEY[0] });
    client.setQueryData(SESSION_KEY, session);
  };
  return {
    async signIn(name: string, password: string) {
      become(await take(http.POST('/session', { body: { name, password } })));
      // What the answer leaves out, the teams.
      void client.invalidateQueries({ queryKey: SESSION_KEY });
    },
    async signInDemo() {
      become(await take(http.POST('/session/demo')));
      void client.invalidateQueries({ queryKey: SESSION_KEY });
    },
    async signOut() {
      await take(http.DELETE('/session'));
      become(null);
    },
  };
}

/** A cluster that asks nobody who he is. */
export const isAnonymous = (session: Session) => session.principal === 'anonymous';

/** "person:ada" -> "ada". */
export const nameOf = (principal: string) => principal.slice(principal.indexOf(':') + 1);
