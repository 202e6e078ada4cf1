/** Calls of the API, typed by portal/openapi.yaml: `await take(http.GET('/topics', { signal }))`. */
import createClient from 'openapi-fetch';

import type { components, paths } from './generated/schema';
import { asApiError, errorOf } from './problem';

export type Schemas = components['schemas'];

const SAFE = ['GET', 'HEAD', 'OPTIONS'];
/** A call that takes longer is given up; those that wait for something say so with `signal`. */
const TIMEOUT_MS = 35_000;

let csrfToken: string | undefined;
/** Of the session; the gateway wants it with every call that changes something. */
export function setCsrfToken(token: string | undefined): void {
  csrfToken = token;
}

async function send(request: Request): Promise<Response> {
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  const signal = AbortSignal.any ? AbortSignal.any([request.signal, limit]) : request.signal;
  try {
    return await fetch(new Request(request, { signal }));
  } catch (thrown) {
    if (limit.aborted && !request.signal.aborted) throw new TypeError('timeout');
    throw thrown;
  }
}

/** Lists stand in one parameter with commas; filters, whose texts may have commas, in several. */
export function writeQuery(query: Record<string, unknown>): string {
  const written = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === '') continue;
    const values = Array.isArray(value) && name === 'filter' ? value : [value];
    for (const one of values) written.append(name, String(one));
  }
  return written.toString();
}

export const http = createClient<paths>({
  baseUrl: '/api/v1',
  fetch: send,
  credentials: 'same-origin',
  querySerializer: writeQuery,
});

http.use({
  onRequest({ request }) {
    if (!SAFE.includes(request.method) && csrfToken) request.headers.set('X-CSRF-Token', csrfToken);
    return request;
  },
  onError({ error }) {
    return asApiError(error);
  },
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a call that succeeded; throws an ApiError otherwise. */
export async function take<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer;
  if (!response.ok) throw errorOf(response, error);
  return data as T;
}

/** The same with the ETag, for a later `If-Match`. */
export async function takeTagged<T>(answer: Promise<Answer<T>>): Promise<{ value: T; etag: string }> {
  const { data, error, response } = await answer;
  if (!response.ok) throw errorOf(response, error);
  return { value: data as T, etag: response.headers.get('etag') ?? '' };
}

/** For `params: { header: ifMatch(etag) }`: 409 when somebody else has changed it meanwhile. */
export const ifMatch = (etag: string) => ({ 'If-Match': etag });

/** For `params: { header: once() }`: a repeated call (a double click, a lost answer) counts once. */
export const once = (key: string = crypto.randomUUID()) => ({ 'Idempotency-Key': key });
