import { http, take } from '@/api/client';
import { useRead } from '@/api/read';
import { COMMAS } from '@/pages/shared/query';

/** A topic that there is not: the answer would have every topic otherwise. */
const NO_TOPIC = '-';

/** The metadata with its servers alone. */
export const useServers = () =>
  useRead(['metadata', 'servers'], (signal) =>
    take(http.GET('/metadata', { params: { query: { topics: [NO_TOPIC] } }, querySerializer: COMMAS, signal })),
  );

/** What a server says of itself; kept under its address, so that all who show it ask once. */
export const useServerInfo = (server: string) =>
  useRead(['server', server], (signal) => take(http.GET('/server', { params: { query: { server } }, signal })));

export const readSettings = (server: string, signal: AbortSignal) =>
  take(http.GET('/server/settings', { params: { query: { server } }, signal }));
