/** One line for each partition: where its rows are, and which offsets it has. */
import type { Schemas } from '@/api/client';

import type { Ends } from './offsets';
import type { Topic } from './topicRow';

export interface PartitionRow {
  partition: number;
  nodeId: string;
  /** Names for those who may know data nodes. */
  node?: string;
  schema: string;
  table: string;
  broker?: number;
  start?: string;
  end?: string;
  messages?: string;
  oldestUs?: string;
  error?: string;
}

type Node = Pick<Schemas['DataNode'], 'name' | 'schema_prefix'>;

const two = (n: number) => String(n).padStart(2, '0');

/** As sql/store names them: "lanemq_03"."msg_17_0". The prefix is the data node's own. */
export function rowsOf(topic: Topic, ends: Ends[] | undefined, nodes: ReadonlyMap<string, Node> | undefined) {
  const endOf = new Map(ends?.map((one) => [one.partition, one]));
  return topic.partitions.map((one): PartitionRow => {
    const node = nodes?.get(one.node_id);
    const told = endOf.get(one.partition);
    const isKnown = told !== undefined && told.start !== null && told.end !== null;
    return {
      partition: one.partition,
      nodeId: one.node_id,
      node: node?.name,
      schema: `${node?.schema_prefix ?? '…'}_${two(one.schema_index)}`,
      table: `msg_${topic.topic_id}_${one.partition}`,
      broker: one.preferred_broker_id,
      start: told?.start?.toString(),
      end: told?.end?.toString(),
      messages: isKnown ? ((told.end as bigint) - (told.start as bigint)).toString() : undefined,
      oldestUs: told?.oldestUs,
      error: told?.error,
    };
  });
}
