/** The policy's document, as people read it. Its fields: common/core/policy/policy_types.h. */
import { isObject, parseExact } from '@/pages/shared/exactJson';
import { textOf } from '@/pages/shared/jsonDiff';

export type Policy = Record<string, unknown>;

export const policyOf = (json: string | undefined): Policy | undefined => {
  const policy = parseExact(json);
  return isObject(policy) ? policy : undefined;
};

/** In the order of the page; what the policy has besides is shown at the end. */
export const GROUPS = {
  names: ['topic_names', 'group_names', 'reserved_suffixes'],
  limits: ['partitions', 'retention_ms', 'message_bytes_max', 'grant_days_max', 'may_delete_topics_in_use'],
  required: ['required', 'tiers'],
  sizing: ['sizing', 'environment', 'request_days_max'],
} as const;
export type Group = keyof typeof GROUPS;

export interface Rule {
  /** "partitions.max". */
  path: string;
  value: unknown;
}

/** A rule for each leaf; null is without a limit, and stays. */
export function rulesOf(value: unknown, path: string): Rule[] {
  if (!isObject(value)) return [{ path, value }];
  return Object.entries(value).flatMap(([name, inner]) => rulesOf(inner, `${path}.${name}`));
}

export const rulesIn = (policy: Policy, group: Group): Rule[] =>
  GROUPS[group].filter((name) => name in policy).flatMap((name) => rulesOf(policy[name], name));

/** What these pages do not know: a newer server's. */
export function otherRules(policy: Policy): Rule[] {
  const known = new Set<string>([...Object.values(GROUPS).flat(), 'approvals']);
  return Object.keys(policy)
    .filter((name) => !known.has(name))
    .flatMap((name) => rulesOf(policy[name], name));
}

export interface Approval {
  kind: string;
  isAutomatic: boolean;
  /** "partitions_max 16": all of them must hold. */
  conditions: string[];
  approvers: string[];
}

const isLimit = (value: unknown) =>
  value !== null && value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);

/** For each kind of change: at once under which conditions, and whose yes otherwise. */
export function approvalsOf(policy: Policy): Approval[] {
  if (!isObject(policy.approvals)) return [];
  return Object.entries(policy.approvals)
    .filter((entry): entry is [string, Policy] => isObject(entry[1]))
    .map(([kind, { is_automatic, approvers, ...conditions }]) => ({
      kind,
      isAutomatic: is_automatic === true,
      conditions: Object.entries(conditions)
        .filter(([, value]) => isLimit(value))
        .map(([name, value]) => (value === true ? name : `${name} ${textOf(value)}`)),
      approvers: Array.isArray(approvers) ? approvers.map(String) : [],
    }));
}
