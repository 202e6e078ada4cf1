/** A group that is not to read a topic any more: what goes, and whether it may. */
import type { Schemas } from '@/api/client';

/** As many partitions as a call takes. */
export const FORGET_MAX = 500;

type Place = Pick<Schemas['FetchOffsetsPartitionResult'], 'topic' | 'partition' | 'offset'>;

/** Those of a topic where the group has an offset. */
export const committedOn = (places: readonly Place[], topic: string): Schemas['TopicPartition'][] =>
  places
    .filter((one) => one.topic === topic && one.offset !== undefined && !one.offset.startsWith('-'))
    .map(({ partition }) => ({ topic, partition }))
    .sort((a, b) => a.partition - b.partition);

/** Members that would commit it again at once. */
export const readersOf = (
  members: readonly Pick<Schemas['GroupMemberInfo'], 'member_id' | 'topics'>[],
  topic: string,
) => members.filter(({ topics }) => topics.includes(topic)).length;
