import { commandLine, shellWord } from '@/lib/clipboard';

import { type Draft, parseHeaders } from './draft';

/** The same on the command line, which sends lines: a body of several is given by its file. */
export function produceCommand(topic: string, draft: Draft): string {
  const words = ['produce', topic];
  if (draft.hasKey) words.push('-k', draft.key);
  for (const { name, value } of parseHeaders(draft.headers) ?? []) words.push('-H', `${name}=${value ?? ''}`);
  if (draft.partition !== 'key') words.push('-p', draft.partition);
  // The program's own units: "5m", not "5 min".
  if (draft.delay.trim() !== '') words.push('--delay', draft.delay.replace(/\s|(?<=m)in/g, ''));
  const body = draft.body === '' ? 'hello' : draft.body.replace(/\s*\n\s*/g, ' ');
  return `echo ${shellWord(body)} | ${commandLine(...words)}`;
}
