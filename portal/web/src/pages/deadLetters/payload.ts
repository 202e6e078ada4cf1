/** Keys, headers and bodies as people read and write them. */
import type { Schemas } from '@/api/client';

export type Header = Schemas['Header'];

export interface Payload {
  kind: 'none' | 'json' | 'text' | 'binary';
  /** Indented when it is JSON; base64 when it is binary. */
  text: string;
}

/** The API tells text as it is, and what is no UTF-8 as base64. */
export function payloadOf(text: string | undefined, base64: string | undefined): Payload {
  if (base64 !== undefined) return { kind: 'binary', text: base64 };
  if (text === undefined) return { kind: 'none', text: '' };
  return /^\s*[[{]/.test(text) && isJson(text) ? { kind: 'json', text: pretty(text) } : { kind: 'text', text };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Indented, by its own tokens: parsing and printing would round large numbers and drop repeated names.
 * The text has to be JSON.
 */
export function pretty(json: string): string {
  let out = '';
  let depth = 0;
  const line = () => `\n${'  '.repeat(depth)}`;
  for (const [token] of json.matchAll(/"(?:\\.|[^"\\])*"|[[\]{},:]|[^\s[\]{},:"]+/g)) {
    if (token === '{' || token === '[') {
      depth += 1;
      out += token + line();
    } else if (token === '}' || token === ']') {
      depth -= 1;
      // Nothing between the brackets: they stay together.
      out = /[[{]\s*$/.test(out) ? out.trimEnd() + token : out + line() + token;
    } else if (token === ',') out += token + line();
    else out += token === ':' ? ': ' : token;
  }
  return out;
}

/** "name: value" in lines; binary values are left as they are and not shown here. */
export const headersText = (headers: readonly Header[]) =>
  headers
    .filter(({ value_base64 }) => value_base64 === undefined)
    .map(({ name, value }) => `${name}: ${value ?? ''}`)
    .join('\n');

/** Null: a line has no colon, or nothing before it. */
export function parseHeaders(text: string): Header[] | null {
  const headers: Header[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const colon = line.indexOf(':');
    if (colon <= 0) return null;
    headers.push({ name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() });
  }
  return headers;
}
