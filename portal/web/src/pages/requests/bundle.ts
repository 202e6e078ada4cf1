/** What a bundle asks for, held against what there is. docs/reference/bundles.md names kinds and fields. */
import { isObject, parseExact } from '@/pages/shared/exactJson';

export type Fields = Record<string, unknown>;
export interface Change {
  kind: string;
  fields: Fields;
}

/** Of more than so many names no comparison is asked for: they would not fit into a URL. */
const NAMES_MAX = 60;

const STATE_KIND: Record<string, string> = {
  create_topic: 'topic',
  alter_topic: 'topic',
  add_partitions: 'topic',
  delete_topic: 'topic',
  put_group: 'group',
  delete_group: 'group',
  put_grant: 'grant',
  revoke_grant: 'grant',
  set_quota: 'quota',
  put_team: 'team',
  delete_team: 'team',
};
const MADE_BY: Record<string, string> = {
  topic: 'create_topic',
  group: 'put_group',
  grant: 'put_grant',
  quota: 'set_quota',
  team: 'put_team',
};

const textAt = (fields: Fields, name: string) => (typeof fields[name] === 'string' ? fields[name] : '');

/** Null when it is no bundle. Settings become texts, as the cluster has them. */
export function changesOfBundle(json: string | undefined): Change[] | null {
  const bundle = parseExact(json);
  if (!isObject(bundle) || !Array.isArray(bundle.changes)) return null;
  return bundle.changes.filter(isObject).map((change) => {
    const { kind, ...fields } = change;
    for (const name of ['config', 'set']) {
      const settings = fields[name];
      if (isObject(settings)) fields[name] = settingsOf(settings);
    }
    return { kind: typeof kind === 'string' ? kind : '', fields };
  });
}

const settingsOf = (settings: Fields) =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));

/** "topic", "group", "grant", "quota", "team": what a change is about. */
export function stateKindOf(change: Change): string {
  if (change.kind === 'set_owner') return textAt(change.fields, 'resource');
  return STATE_KIND[change.kind] ?? '';
}

/** The name it is about: of a grant, what it is on. */
export const nameOfChange = (change: Change) => textAt(change.fields, change.kind === 'set_quota' ? 'team' : 'name');

/** To whom, of grants. */
export const principalOf = (change: Change) => textAt(change.fields, 'principal');

/** What to ask GET /state for; null when it is too much, or nothing. */
export function stateWish(changes: Change[]): { kinds: string[]; names: string[] } | null {
  const kinds = [...new Set(changes.map(stateKindOf))].filter((kind) => kind in MADE_BY).sort();
  const names = [...new Set(changes.map(nameOfChange))].filter((name) => name !== '').sort();
  return kinds.length === 0 || names.length === 0 || names.length > NAMES_MAX ? null : { kinds, names };
}

/** The one of `state` (the answer of GET /state) that a change is about. */
export function foundIn(state: Change[], change: Change): Fields | undefined {
  const kind = stateKindOf(change);
  return state.find(
    (one) =>
      one.kind === MADE_BY[kind] &&
      nameOfChange(one) === nameOfChange(change) &&
      (kind !== 'grant' ||
        (principalOf(one) === principalOf(change) &&
          textAt(one.fields, 'resource') === textAt(change.fields, 'resource') &&
          (one.fields.is_prefix === true) === (change.fields.is_prefix === true))),
  )?.fields;
}

const defined = (fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** How it would be afterwards; undefined: it is gone. */
export function afterwards(change: Change, before: Fields | undefined): Fields | undefined {
  const { fields } = change;
  switch (change.kind) {
    case 'delete_topic':
    case 'delete_group':
    case 'delete_team':
    case 'revoke_grant':
      return undefined;
    case 'alter_topic': {
      const { set, unset, ...rest } = fields;
      const config: Fields = { ...(isObject(before?.config) ? before.config : {}), ...(isObject(set) ? set : {}) };
      for (const name of Array.isArray(unset) ? (unset as string[]) : []) delete config[name];
      return { ...before, ...rest, config };
    }
    case 'add_partitions':
      return { ...before, ...fields };
    case 'set_owner':
      return defined({ ...before, name: fields.name, owner: fields.team });
    default:
      return fields;
  }
}

/** What becomes of what it is about: "deletes" is what one must not overlook. */
export function effectOf(change: Change): 'makes' | 'changes' | 'deletes' {
  if (change.kind.startsWith('delete_') || change.kind === 'revoke_grant') return 'deletes';
  return change.kind === 'create_topic' ? 'makes' : 'changes';
}

const TEMPLATES: Record<string, (name: string) => Fields> = {
  create_topic: (name) => ({
    name: name || 'team.event',
    owner: 'TEAM',
    tier: 'ticket',
    description: 'What is in it, in one sentence',
    partitions: 4,
    config: { 'retention.ms': 604800000 },
    traffic: { messages_per_day: 1000000, message_bytes: 800, ordering: 'per_key' },
  }),
  put_group: (name) => ({ name: name || 'team.service', owner: 'TEAM', tier: 'ticket', description: '' }),
  put_grant: (name) => ({
    resource: 'topic',
    name: name || 'TOPIC',
    principal: 'service:NAME',
    actions: ['consume'],
  }),
  set_quota: (name) => ({ team: name || 'TEAM', topics: 50, partitions: 400, stored_bytes: 1099511627776 }),
  put_team: (name) => ({ name: name || 'TEAM', description: '', members: [{ person: 'NAME', role: 'lead' }] }),
  set_owner: (name) => ({ resource: 'topic', name: name || 'TOPIC', team: 'TEAM' }),
  delete_topic: (name) => ({ name: name || 'TOPIC' }),
};

/** A grant as the list of grants has it. */
interface Held {
  kind: string;
  name: string;
  is_prefix?: boolean;
  principal: string;
  actions: readonly string[];
  expires_at_us?: string;
}

/** To put a grant is to put it as a whole: `adds` comes to what the principal's own grant on the topic has. */
export function grantBundle(name: string, principal: string, adds: string, grants: readonly Held[]): string {
  const held = grants.find(
    (one) => one.kind === 'topic' && one.name === name && !one.is_prefix && one.principal === principal,
  );
  return pretty({
    changes: [
      {
        kind: 'put_grant',
        resource: 'topic',
        name,
        principal,
        actions: [...new Set([...(held?.actions ?? []), adds])],
        ...(held?.expires_at_us && { expires_at_us: Number(held.expires_at_us) }),
      },
    ],
  });
}

export const TEMPLATE_KINDS = Object.keys(TEMPLATES);

/** A bundle to begin with; of an unknown kind, an empty one. */
export function templateOf(kind: string, name = ''): string {
  const fields = TEMPLATES[kind]?.(name);
  return pretty({ changes: fields ? [{ kind, ...fields }] : [] });
}

export const pretty = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
