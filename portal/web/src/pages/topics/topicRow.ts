/** What the list says of a topic, taken from what the API tells. */
import type { Schemas } from '@/api/client';
import type { Key } from '@/i18n/translate';
import type { Tone } from '@/ui/Badge';

export type Topic = Schemas['TopicMetadata'];

const states: Record<string, [Tone, Key]> = {
  active: ['good', 'topics.stateActive'],
  creating: ['info', 'topics.stateCreating'],
  deleting: ['warn', 'topics.stateDeleting'],
};

const deleted: [Tone, Key] = ['warn', 'topics.stateDeleted'];

/** How a state is shown; null for one that these pages do not know. What can be brought back is not going yet. */
export const stateOf = (topic: Topic) => (topic.deletion ? deleted : (states[topic.state.toLowerCase()] ?? null));

/** How many partitions: lists of topics have no more of them than that. */
export const partitionsIn = (topic: Topic) => topic.partition_count ?? topic.partitions.length;

export const nodesOf = (topic: Topic) => topic.node_ids ?? [...new Set(topic.partitions.map((p) => p.node_id))];

/** Milliseconds; -1: for ever; null: as the cluster has it. */
export const retentionOf = (topic: Topic): string | null => topic.config?.['retention.ms'] ?? null;
