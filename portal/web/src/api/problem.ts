/** What went wrong with a call, as the gateway tells it (application/problem+json). */
export interface Fault {
  pointer: string;
  detail: string;
}

/** A call that failed. `status` 0: no answer came (no network, or the gateway is gone). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    /** As in docs/reference/errors.md, or UNREACHABLE. */
    readonly code: string,
    detail: string,
    /** For the log of the gateway; absent when no answer came. */
    readonly requestId?: string,
    /** For the logs of the server behind it. */
    readonly serverRequestId?: string,
    readonly retryAfterMs?: number,
    readonly faults: Fault[] = [],
  ) {
    super(detail);
    this.name = 'ApiError';
  }

  /** A later try may succeed though nothing is changed. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }

  /** What the fault of one field says, by its JSON pointer. */
  faultOf(pointer: string): string | undefined {
    return this.faults.find((fault) => fault.pointer === pointer)?.detail;
  }

  /** All of it, to paste into a ticket. */
  toText(): string {
    const lines = [`${this.code} (${this.status}): ${this.message}`];
    for (const fault of this.faults) lines.push(`  ${fault.pointer}: ${fault.detail}`);
    if (this.requestId) lines.push(`request ${this.requestId}`);
    if (this.serverRequestId) lines.push(`server request ${this.serverRequestId}`);
    return lines.join('\n');
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** The error of an answer; `body` is what it parsed to, of which nothing is taken for granted. */
export function errorOf(response: { status: number; headers: Headers }, body: unknown): ApiError {
  const said = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const faults = Array.isArray(said.faults) ? (said.faults as Fault[]) : [];
  return new ApiError(
    response.status,
    text(said.code) ?? `HTTP_${response.status}`,
    text(said.detail) ?? text(said.title) ?? `HTTP ${response.status}`,
    text(said.request_id) ?? response.headers.get('x-request-id') ?? undefined,
    text(said.server_request_id),
    typeof said.retry_after_ms === 'number' ? said.retry_after_ms : undefined,
    faults,
  );
}

/** Whatever was thrown, as an ApiError. An abort stays what it is: nobody waits for it any more. */
export function asApiError(thrown: unknown): Error {
  if (thrown instanceof ApiError) return thrown;
  if (thrown instanceof DOMException && thrown.name === 'AbortError') return thrown;
  if (thrown instanceof TypeError) return new ApiError(0, 'UNREACHABLE', 'the gateway does not answer');
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
