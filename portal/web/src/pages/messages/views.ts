/** In which ways bytes can be shown. */
import { textOf } from './payload';
import { prettyJson } from './prettyJson';

export const VIEWS = ['json', 'text', 'hex'] as const;
export type View = (typeof VIEWS)[number];

export interface Views {
  /** Null: it is none. */
  json: string | null;
  text: string | null;
  /** What says most. */
  first: View;
}

export function viewsOf(bytes: Uint8Array): Views {
  const text = textOf(bytes);
  const json = text === null ? null : prettyJson(text);
  return { json, text, first: json !== null ? 'json' : text !== null ? 'text' : 'hex' };
}
