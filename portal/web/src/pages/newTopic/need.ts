/** What somebody needs a topic for, as typed, and the changes that make it. */
import { parseBytes, parseSetting, SETTINGS } from '../topics/settings';
import type { Change } from '../topics/changes';

export const ORDERINGS = ['per_key', 'none', 'all'] as const;

export interface Need {
  team: string;
  name: string;
  perDay: string;
  bytes: string;
  ordering: string;
  retention: string;
  description: string;
  tier: string;
  /** Empty: as proposed. */
  partitions: string;
  /** The team's people may send to it and read it, too, with tokens of their own; its services may anyway. */
  forPeople: boolean;
  /** And look at messages here. Leads may anyway, and it takes the yes of one. */
  withPeek: boolean;
}

export const EMPTY_NEED: Need = {
  team: '',
  name: '',
  perDay: '100k',
  bytes: '1KiB',
  ordering: 'per_key',
  retention: '',
  description: '',
  tier: '',
  partitions: '',
  forPeople: true,
  withPeek: false,
};

const SCALES: Record<string, bigint> = { '': 1n, k: 1_000n, m: 1_000_000n, g: 1_000_000_000n, b: 1_000_000_000n };

/** "1,500", "2.5M", "300k"; null: none. */
export function parseCount(text: string): bigint | null {
  const match = /^(\d{1,15})(?:\.(\d{1,6}))?\s*([kmgb]?)$/i.exec(text.replace(/[,_\s]/g, ''));
  if (!match) return null;
  const [, whole = '', part = '', unit = ''] = match;
  const value = BigInt(whole + part) * (SCALES[unit.toLowerCase()] ?? 1n);
  const scale = 10n ** BigInt(part.length);
  return value % scale === 0n ? value / scale : null;
}

const RETENTION = SETTINGS.find((one) => one.name === 'retention.ms')!;

/** Milliseconds as the API has it; undefined: the default; null: cannot be understood. */
export const retentionOf = (need: Need) =>
  need.retention.trim() === '' ? undefined : parseSetting(RETENTION, need.retention);

export type NeedFaults = Partial<Record<'perDay' | 'bytes' | 'retention' | 'partitions', true>>;

export function faultsOf(need: Need): NeedFaults {
  const faults: NeedFaults = {};
  if (parseCount(need.perDay) === null) faults.perDay = true;
  const bytes = parseBytes(need.bytes);
  if (bytes === null || bytes < 1n) faults.bytes = true;
  if (retentionOf(need) === null) faults.retention = true;
  const partitions = need.partitions.trim();
  if (partitions !== '' && !(/^\d{1,4}$/.test(partitions) && +partitions >= 1 && +partitions <= 1_000))
    faults.partitions = true;
  return faults;
}

/** Nothing while something is missing or wrong. `proposed`: partitions for so many messages. */
export function needChanges(need: Need, proposed: number | undefined, { isOpen }: { isOpen: boolean }): Change[] {
  const name = need.name.trim();
  const partitions = need.partitions.trim() === '' ? proposed : Number(need.partitions);
  if (name === '' || partitions === undefined || Object.keys(faultsOf(need)).length > 0) return [];
  const retention = retentionOf(need);
  const config = retention === undefined || retention === null ? undefined : { 'retention.ms': retention };
  const create: Change = { kind: 'create_topic', name, partitions };
  if (config) create.config = config;
  if (need.description.trim() !== '') create.description = need.description.trim();
  // A cluster that asks nobody who he is has no owners, no grants, and no rules about traffic.
  if (isOpen) return [create];
  if (need.team !== '') create.owner = need.team;
  if (need.tier !== '') create.tier = need.tier;
  create.traffic = {
    messages_per_day: Number(parseCount(need.perDay)),
    message_bytes: Number(parseBytes(need.bytes)),
    ordering: need.ordering,
  };
  if (need.team === '' || !need.forPeople) return [create];
  const actions = ['produce', 'consume', ...(need.withPeek ? ['peek'] : [])];
  return [create, { kind: 'put_grant', resource: 'topic', name, principal: `team:${need.team}`, actions }];
}

/** What a fix of the policy makes of the need; null: the form has no field for it. */
export function fixed(need: Need, field: string, fix: string): Need | null {
  switch (field) {
    case 'name':
      return { ...need, name: fix };
    case 'owner':
      return { ...need, team: fix };
    case 'tier':
      return { ...need, tier: fix };
    case 'description':
      return { ...need, description: fix };
    case 'partitions':
      return { ...need, partitions: fix };
    case 'retention.ms':
    case 'config.retention.ms':
      return { ...need, retention: fix };
    default:
      return null;
  }
}

export interface Rules {
  tiers: string[];
  beginsWithOwner: boolean;
}

/** What the form needs to know of a policy; what is missing, as without one. */
export function rulesOf(policyJson: string | undefined): Rules {
  try {
    const policy = JSON.parse(policyJson ?? '{}') as {
      tiers?: string[];
      topic_names?: { begins_with_owner?: boolean } | null;
    };
    return { tiers: policy.tiers ?? [], beginsWithOwner: policy.topic_names?.begins_with_owner ?? false };
  } catch {
    return { tiers: [], beginsWithOwner: false };
  }
}

/** The name after another team was chosen: what begins with the old team's name begins with the new one's. */
export function renamed(name: string, oldTeam: string, newTeam: string, rules: Rules): string {
  if (!rules.beginsWithOwner || newTeam === '') return name;
  if (name === '' || name === `${oldTeam}.`) return `${newTeam}.`;
  return oldTeam !== '' && name.startsWith(`${oldTeam}.`) ? newTeam + name.slice(oldTeam.length) : name;
}
