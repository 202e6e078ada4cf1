/** What a deed is about: letters that were chosen one by one, or all that a filter finds. */
import type { Schemas } from '@/api/client';
import { exact } from '@/lib/format';

import { countOf, type Filter, filterOf, filterWords, idWords, isAny, type LetterId, type Look } from './letterFilter';

export interface Meant {
  ids?: LetterId[];
  look?: Look;
}

export const meantFilter = (group: string, { ids, look }: Meant, nowMs: number): Filter =>
  ids ? { group, ids } : look ? filterOf(group, look, nowMs) : { group, ids: [] };

/** "12", or null when nobody has counted. */
export function meantCount({ ids, look }: Meant, counts: readonly Schemas['DeadLetterCount'][]): string | null {
  if (ids) return String(ids.length);
  const count = look ? countOf(counts, look) : 0n;
  return count === null ? null : exact(count);
}

export const meantWords = ({ ids, look }: Meant): string[] =>
  ids ? idWords(ids) : look && !isAny(look) ? filterWords(look) : ['--all'];
