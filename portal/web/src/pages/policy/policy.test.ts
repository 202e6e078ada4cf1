import { expect, test } from 'vitest';

import { approvalsOf, otherRules, policyOf, rulesIn } from './policy';

const policy = policyOf(
  JSON.stringify({
    environment: 'prod',
    topic_names: null,
    partitions: { min: 1, max: 64 },
    moon: { phase: 'full' },
    approvals: {
      create_topic: {
        is_automatic: true,
        partitions_max: 16,
        tiers: [],
        is_for_own_team: true,
        approvers: ['owner leads'],
      },
      set_quota: { is_automatic: false, partitions_max: null, approvers: ['operators', 'admins'] },
    },
  }),
)!;

test('rules are leaves; without a limit is a rule, too', () => {
  expect(rulesIn(policy, 'limits')).toEqual([
    { path: 'partitions.min', value: 1 },
    { path: 'partitions.max', value: 64 },
  ]);
  expect(rulesIn(policy, 'names')).toEqual([{ path: 'topic_names', value: null }]);
});

test('what these pages do not know is shown all the same', () => {
  expect(otherRules(policy)).toEqual([{ path: 'moon.phase', value: 'full' }]);
});

test('approvals: conditions that limit something, and whose yes', () => {
  expect(approvalsOf(policy)).toEqual([
    {
      kind: 'create_topic',
      isAutomatic: true,
      conditions: ['partitions_max 16', 'is_for_own_team'],
      approvers: ['owner leads'],
    },
    { kind: 'set_quota', isAutomatic: false, conditions: [], approvers: ['operators', 'admins'] },
  ]);
  expect(approvalsOf({})).toEqual([]);
});

test('what is no policy is none', () => {
  expect(policyOf('[]')).toBeUndefined();
  expect(policyOf(undefined)).toBeUndefined();
});
