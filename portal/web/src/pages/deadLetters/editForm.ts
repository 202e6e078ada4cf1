/** What an edited redrive sends: what was changed, and nothing else. */
import type { Letter } from './letterFilter';
import { headersText, parseHeaders, payloadOf } from './payload';

export interface EditForm {
  key: string;
  isKeyless: boolean;
  body: string;
  isBodyless: boolean;
  headers: string;
}

export const formOf = ({ message }: Letter): EditForm => ({
  key: message.key ?? '',
  isKeyless: message.key === undefined && message.key_base64 === undefined,
  body: payloadOf(message.body, message.body_base64).kind === 'binary' ? '' : (message.body ?? ''),
  isBodyless: message.body === undefined && message.body_base64 === undefined,
  headers: headersText(message.headers ?? []),
});

/** Headers with binary values cannot be written as lines; replaced, they would be lost. */
export const canEditHeaders = ({ message }: Letter) =>
  (message.headers ?? []).every(({ value_base64 }) => value_base64 === undefined);

/** Null: the headers are no headers. */
export function changesOf(letter: Letter, form: EditForm) {
  const before = formOf(letter);
  const headers = parseHeaders(form.headers);
  if (headers === null) return null;
  const isOther = (name: keyof EditForm) => form[name] !== before[name];
  return {
    ...(form.isKeyless
      ? isOther('isKeyless') && { remove_key: true }
      : (isOther('key') || isOther('isKeyless')) && { key: form.key }),
    ...(form.isBodyless
      ? isOther('isBodyless') && { remove_body: true }
      : (isOther('body') || isOther('isBodyless')) && { body: form.body }),
    ...(isOther('headers') && { headers }),
  };
}
