/** Bundles of changes, as docs/reference/bundles.md has them. */
import type { Topic } from './topicRow';

export interface Change {
  kind: string;
  [field: string]: unknown;
}

export const bundleText = (changes: readonly Change[]) => JSON.stringify({ changes });

export interface TopicEdit {
  description: string;
  /** Text as the API has it; absent: as the cluster has it. */
  config: Record<string, string | undefined>;
  partitions: number;
}

/** The changes that make a topic what it shall be: only what differs, in as few as there can be. */
export function changesOf(topic: Topic, edit: TopicEdit): Change[] {
  const before = topic.config ?? {};
  const set: Record<string, string> = {};
  const unset: string[] = [];
  for (const [name, value] of Object.entries(edit.config)) {
    if (value === before[name]) continue;
    if (value === undefined) unset.push(name);
    else set[name] = value;
  }
  const alter: Change = { kind: 'alter_topic', name: topic.name };
  if (edit.description !== (topic.description ?? '')) alter.description = edit.description;
  if (Object.keys(set).length > 0) alter.set = set;
  if (unset.length > 0) alter.unset = unset;
  const changes = Object.keys(alter).length > 2 ? [alter] : [];
  if (edit.partitions !== topic.partitions.length) {
    changes.push({ kind: 'add_partitions', name: topic.name, partitions: edit.partitions });
  }
  return changes;
}

/** What was changed by somebody else between two readings of a topic: names of what differs. */
export function changedMeanwhile(before: Topic, now: Topic): string[] {
  const names = new Set([...Object.keys(before.config ?? {}), ...Object.keys(now.config ?? {})]);
  const changed = [...names].filter((name) => before.config?.[name] !== now.config?.[name]).sort();
  if ((before.description ?? '') !== (now.description ?? '')) changed.push('description');
  if (before.partitions.length !== now.partitions.length) changed.push('partitions');
  return changed;
}
