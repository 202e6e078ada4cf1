/** Which dead letters are meant: as the URL says, as the API asks, as the command line takes it. */
import type { Schemas } from '@/api/client';
import { pathTo } from '@/lib/location';
import { parseSpan, toUs } from '@/pages/groups/span';

export type Letter = Schemas['DeadLetter'];
export type LetterId = Schemas['DeadLetterId'];
export type Filter = Schemas['DeadLetterFilter'];

/** What the URL keeps; '' is any. */
export const LOOK = { topic: '', partition: '', reason: '', key: '', since: '' };
export type Look = typeof LOOK;

export const isAny = (look: Look) => Object.values(look).every((value) => value === '');

/** Without the group: for the query of a list. What is no number is left out, as nothing would match it. */
export function queryOf(look: Look, nowMs: number) {
  const span = parseSpan(look.since);
  return {
    ...(look.topic && { topic: look.topic }),
    ...(/^\d{1,9}$/.test(look.partition) && { partition: Number(look.partition) }),
    ...(look.reason && { reason: look.reason }),
    ...(look.key && { key: look.key }),
    ...(span !== null && { from_us: toUs(nowMs - span) }),
  };
}

export const filterOf = (group: string, look: Look, nowMs: number): Filter => ({ group, ...queryOf(look, nowMs) });

export const idText = ({ topic, partition, offset }: Omit<LetterId, 'group'>) => `${topic}/${partition}/${offset}`;

const LEFT_OUT = 'left out: ';

/** Why contents were left out: of topics that one may neither consume nor peek into. Null: they are there. */
export function whyHidden({ message, last_error: said }: Letter): string | null {
  const isBare = message.key === undefined && message.key_base64 === undefined && !message.headers?.length;
  return isBare && said?.startsWith(LEFT_OUT) ? said.slice(LEFT_OUT.length) : null;
}

/** The topics of these letters that one may not look into, each with why. */
export const hiddenTopics = (letters: readonly Letter[]) =>
  new Map(
    letters.flatMap((letter) => {
      const why = whyHidden(letter);
      return why === null ? [] : [[letter.id.topic, why] as const];
    }),
  );

/** The other way, of what the URL says; null: it is none. */
export function parseId(group: string, text: string): LetterId | null {
  const match = /^(.+)\/(\d{1,9})\/(\d{1,19})$/.exec(text);
  return match ? { group, topic: match[1] as string, partition: Number(match[2]), offset: match[3] as string } : null;
}

/** The page of a group's letters on one topic. */
export const lettersPath = (group: string, topic: string) =>
  `${pathTo('/groups/:group/dead-letters', { group })}?topic=${encodeURIComponent(topic)}`;

/** For a command line. */
export function filterWords({ topic, partition, reason, key, since }: Look): string[] {
  return [
    ...(topic ? ['-t', topic] : []),
    ...(partition ? ['-p', partition] : []),
    ...(reason ? ['--reason', reason] : []),
    ...(key ? ['--key', key] : []),
    ...(since ? ['--since', `-${since}`] : []),
  ];
}

export const idWords = (ids: readonly LetterId[]) => ids.flatMap((id) => ['--id', idText(id)]);

/** Beyond, the API takes filters only. */
export const IDS_MAX = 1_000;

/** 63 random bits, as a redrive wants: pressed twice, it is still one. */
export function randomId(random: () => BigUint64Array = () => crypto.getRandomValues(new BigUint64Array(1))): string {
  const bits = (random()[0] as bigint) & 0x7fff_ffff_ffff_ffffn;
  return String(bits === 0n ? 1n : bits);
}

type Count = Schemas['DeadLetterCount'];

/** How many letters there are of each reason, and on each topic; the most first. */
export function sums(
  counts: readonly Count[],
  by: 'reason' | 'topic',
): { name: string; letters: bigint; oldest_us?: string }[] {
  const sums = new Map<string, { letters: bigint; oldest_us?: string }>();
  for (const count of counts) {
    const sum = sums.get(count[by]) ?? { letters: 0n };
    sum.letters += BigInt(count.letters);
    const { oldest_us } = count;
    if (oldest_us && (!sum.oldest_us || BigInt(oldest_us) < BigInt(sum.oldest_us))) sum.oldest_us = oldest_us;
    sums.set(count[by], sum);
  }
  return [...sums]
    .map(([name, sum]) => ({ name, ...sum }))
    .sort((a, b) => (a.letters === b.letters ? a.name.localeCompare(b.name) : a.letters < b.letters ? 1 : -1));
}

/** How many of the counted ones are meant; null: counts do not tell (by key or time). */
export function countOf(counts: readonly Count[], look: Look): bigint | null {
  if (look.key || look.since) return null;
  return counts
    .filter(({ topic, partition, reason }) => {
      const isTopic = !look.topic || topic === look.topic;
      return (
        isTopic && (!look.partition || String(partition) === look.partition) && (!look.reason || reason === look.reason)
      );
    })
    .reduce((sum, { letters }) => sum + BigInt(letters), 0n);
}
