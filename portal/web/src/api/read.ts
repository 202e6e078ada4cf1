/** Reading and doing: thin hooks over TanStack Query, so that all pages behave alike. */
import { keepPreviousData, QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { toast } from '@/ui/toast';

import { ApiError } from './problem';
import { SESSION_KEY } from './session';

const RETRIES = 2;
const RETRY_MS_MAX = 5_000;

function retryDelay(attempt: number, error: Error): number {
  const wish = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
  return Math.min(Math.max(wish, 500 * 2 ** attempt), RETRY_MS_MAX);
}

/** The one client. What failed is asked again by the next refresh, so a page comes back by itself. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: (count, error) => count < RETRIES && error instanceof ApiError && error.isPassing,
        retryDelay,
        staleTime: 1_000,
        gcTime: 10 * 60_000,
        networkMode: 'always',
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}

export interface ReadOptions {
  enabled?: boolean;
  /** Milliseconds, or false for what never changes; absent: as the refresh control says. */
  refresh?: number | false;
}

/** Reads, and reads again as the refresh control says; the last answer stays while a new one comes. */
export function useRead<T>(
  key: readonly unknown[],
  read: (signal: AbortSignal) => Promise<T>,
  { enabled = true, refresh }: ReadOptions = {},
) {
  const client = useQueryClient();
  return useQuery<T, ApiError>({
    queryKey: key,
    queryFn: async ({ signal }) => {
      try {
        return await read(signal);
      } catch (thrown) {
        // The session has ended: the shell shows the sign-in, and then this page again.
        if (thrown instanceof ApiError && thrown.status === 401) {
          void client.invalidateQueries({ queryKey: SESSION_KEY });
        }
        throw thrown;
      }
    },
    enabled,
    placeholderData: keepPreviousData,
    ...(refresh !== undefined && { refetchInterval: refresh }),
  });
}

export type Read<T> = ReturnType<typeof useRead<T>>;

/** Does something, then reads again what it touched. Errors are shown where `error` is, or as a toast. */
export function useAct<In, Out>(options: {
  act: (input: In) => Promise<Out>;
  /** Keys (or beginnings of keys) of what is not true any more. */
  touches?: readonly (readonly unknown[])[];
  /** What a toast says when it is done. */
  done?: (out: Out, input: In) => string | undefined;
  onDone?: (out: Out, input: In) => void;
  /** False: the page shows `error` itself (a form, a dialog). */
  toastErrors?: boolean;
}) {
  const client = useQueryClient();
  return useMutation<Out, ApiError, In>({
    mutationFn: options.act,
    onSuccess: async (out, input) => {
      const text = options.done?.(out, input);
      if (text) toast.show({ tone: 'good', text });
      options.onDone?.(out, input);
      await Promise.all((options.touches ?? []).map((key) => client.invalidateQueries({ queryKey: key })));
    },
    onError: (error) => {
      if (error.status === 401) void client.invalidateQueries({ queryKey: SESSION_KEY });
      if (options.toastErrors ?? true) toast.error(error);
    },
  });
}
