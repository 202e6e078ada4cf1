/** Topics that are deleted and can be brought back: what is told of them, and what may be done with them. */
import { http, take } from '@/api/client';
import { ApiError } from '@/api/problem';

import type { Topic } from './topicRow';

/** Keys of what is not true any more when a topic goes or comes back. */
export const TOUCHED = [['topics'], ['lag'], ['dead-letters'], ['owners'], ['access'], ['audit']] as const;

/** As lists tell it, deleted or not; null: there is none of this name. */
export async function readListed(name: string, signal?: AbortSignal): Promise<Topic | null> {
  const query = { include_deleted: true, filter: [`name:${name}`], limit: 1 };
  const { topics } = await take(http.GET('/topics', { params: { query }, signal }));
  return topics[0] ?? null;
}

/** A topic as it is described; one that is deleted is told by lists alone. */
export async function readTopic(name: string, signal: AbortSignal): Promise<Topic> {
  try {
    return (await take(http.GET('/topics/{name}', { params: { path: { name } }, signal }))).topic;
  } catch (thrown) {
    if (!(thrown instanceof ApiError) || thrown.status !== 404) throw thrown;
    const listed = await readListed(name, signal).catch(() => null);
    if (!listed?.deletion) throw thrown;
    return listed;
  }
}

/** Whether a topic that was just deleted can be brought back, and until when; undefined: it is not known what it is. */
export function undoOf(listed: Topic | null | undefined): { isOffered: boolean; untilUs?: string } {
  if (listed === undefined) return { isOffered: true };
  if (listed === null) return { isOffered: false };
  // A server that has not heard of it yet shows it as it was.
  const isGoing = listed.state === 'DELETING' && !listed.deletion;
  return { isOffered: !isGoing, untilUs: listed.deletion?.purge_at_us };
}
