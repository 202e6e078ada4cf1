/** Whether a message has what somebody looks for. */
import type { Message } from './message';
import type { Payload } from './payload';

export const PLACES = ['any', 'key', 'body', 'header'] as const;
export type Place = (typeof PLACES)[number];

export const isPlace = (text: string): text is Place => (PLACES as readonly string[]).includes(text);

/** Binary is looked through as base64 is not: it has no text. */
const has = (payload: Payload, wanted: string) =>
  payload !== null && 'text' in payload && payload.text.toLowerCase().includes(wanted);

/** Text anywhere in it, whatever the case; "name=value" finds a header with that value. */
export function makeMatcher(q: string, place: Place): (message: Message) => boolean {
  const wanted = q.trim().toLowerCase();
  const equals = wanted.indexOf('=');
  const [name, value] = equals > 0 ? [wanted.slice(0, equals).trim(), wanted.slice(equals + 1).trim()] : [null, ''];
  const hasHeader = (message: Message) =>
    message.headers.some((header) =>
      name === null
        ? header.name.toLowerCase().includes(wanted) || has(header.value, wanted)
        : header.name.toLowerCase() === name && (value === '' || has(header.value, value)),
    );
  return (message) =>
    wanted === '' ||
    ((place === 'any' || place === 'key') && has(message.key, wanted)) ||
    ((place === 'any' || place === 'body') && has(message.body, wanted)) ||
    ((place === 'any' || place === 'header') && hasHeader(message));
}
