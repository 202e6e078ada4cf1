/** What to do about a group in trouble; the same as `lanemq doctor --group` says. */
import type { Key } from '@/i18n/translate';
import { commandLine, shellWord } from '@/lib/clipboard';
import { toBig } from '@/lib/format';

import { isTrouble, type PartitionLag, type TopicLag, worstFirst } from './lagRow';

export interface Advice {
  what: Key;
  /** Command lines that help; nothing in them changes anything before it has shown its plan. */
  commands: string[];
}

/** A record that was begun so often is what blocks its partition; as the metaserver has it. */
const ATTEMPTS_OF_POISON = 3;

/** The partition that a poisonous record blocks, and the record's offset; null: not told. */
export function poisonOf(lag: TopicLag): { partition: number; offset: string } | null {
  const partitions = lag.partitions ?? [];
  const tries = (one: PartitionLag) => Math.max(one.claims ?? 0, one.attempts ?? 0);
  const stuck = partitions.filter((one) => tries(one) >= ATTEMPTS_OF_POISON);
  const worst = worstFirst(stuck.length > 0 ? stuck : partitions)[0];
  if (!worst) return null;
  const [committed, start] = [toBig(worst.committed) ?? 0n, toBig(worst.log_start) ?? 0n];
  return { partition: worst.partition, offset: String(committed > start ? committed : start) };
}

function aboutPoison(lag: TopicLag): Advice {
  const stuck = poisonOf(lag);
  if (!stuck) return { what: 'groups.doPoison', commands: [] };
  const { partition, offset } = stuck;
  const next = String((toBig(offset) ?? 0n) + 1n);
  const place = `${lag.topic}:${partition}`;
  return {
    what: 'groups.doPoison',
    commands: [
      commandLine('message', 'get', lag.topic, partition, offset),
      commandLine('group', 'reset', lag.group, '--topic', place, '--to-offset', next),
    ],
  };
}

function aboutCause(lag: TopicLag): Advice | null {
  const members = commandLine('group', 'members', lag.group);
  const describe = commandLine('group', 'describe', lag.group);
  const history = commandLine('group', 'history', lag.group, '-t', lag.topic);
  const wanted = Math.max(2 * (lag.partition_count ?? 1), lag.members);
  const more = `${commandLine('topic', 'add-partitions')} ${shellWord(lag.topic)} ${wanted} --dry-run`;
  switch (lag.cause) {
    case 'NO_MEMBERS':
      return { what: 'groups.doNoMembers', commands: [describe] };
    case 'NOT_POLLING':
      return { what: 'groups.doNotPolling', commands: [members] };
    case 'POISON':
      return aboutPoison(lag);
    case 'TOO_FEW_PARTITIONS':
      return { what: 'groups.doTooFewPartitions', commands: [history, more] };
    case 'THROTTLED':
      return { what: 'groups.doThrottled', commands: [describe] };
    case 'DATA_NODE_SLOW':
      return { what: 'groups.doDataNodeSlow', commands: [commandLine('check', 'node'), commandLine('doctor')] };
    case 'PRODUCER_SURGE':
      return { what: 'groups.doProducerSurge', commands: [history, commandLine('top')] };
    case 'REBALANCING':
      return { what: 'groups.doRebalancing', commands: [describe, members] };
    default:
      return null;
  }
}

function aboutStatus(lag: TopicLag): Advice | null {
  const members = commandLine('group', 'members', lag.group);
  const describe = commandLine('group', 'describe', lag.group);
  const history = commandLine('group', 'history', lag.group, '-t', lag.topic);
  switch (lag.status) {
    case 'LOST':
      return { what: 'groups.doLost', commands: [describe, commandLine('topic', 'describe', lag.topic)] };
    case 'STOP':
      return { what: 'groups.doStop', commands: [members, describe] };
    case 'STALL':
      return { what: 'groups.doStall', commands: [members, describe] };
    case 'SLOW':
      return { what: 'groups.doSlow', commands: [history, members] };
    case 'REWIND':
      return { what: 'groups.doRewind', commands: [describe] };
    case 'WARN':
      return { what: 'groups.doWarn', commands: [history] };
    case 'PAUSED':
      return { what: 'groups.doPaused', commands: [commandLine('group', 'resume', lag.group, '--topic', lag.topic)] };
    case 'UNKNOWN':
      return { what: 'groups.doUnknown', commands: [commandLine('doctor')] };
    default:
      return null;
  }
}

/** Of rows that are gone, how they went matters more than why the group was late. */
export function adviceFor(lag: TopicLag): Advice | null {
  const byCause = isTrouble(lag.status) && lag.status !== 'LOST' ? aboutCause(lag) : null;
  return byCause ?? aboutStatus(lag);
}
