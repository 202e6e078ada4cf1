/** How far a group is behind, against what it is meant to be. */
import type { Schemas } from '@/api/client';
import { toBig } from '@/lib/format';

export type TopicLag = Schemas['TopicLag'];

/** Lag over objective; null without one. 1 is the limit. */
export function ofObjective(lag: TopicLag): number | null {
  const [ms, objective] = [toBig(lag.lag_ms), toBig(lag.objective_ms)];
  return ms === null || objective === null || objective <= 0n ? null : Number(ms) / Number(objective);
}

/** A verdict that something is wrong, or more lag than its objective allows, whatever the verdict is yet. */
export const isBehind = (lag: TopicLag): boolean =>
  !['OK', 'NEW', 'PAUSED'].includes(lag.status) || (lag.status !== 'PAUSED' && (ofObjective(lag) ?? 0) > 1);

/** The most behind first: by objective, then by time. */
export function worstFirst(lags: TopicLag[]): TopicLag[] {
  const key = (lag: TopicLag) => [ofObjective(lag) ?? 0, Number(toBig(lag.lag_ms) ?? 0n)] as const;
  return [...lags].sort((a, b) => {
    const [[a1, a2], [b1, b2]] = [key(a), key(b)];
    return b1 - a1 || b2 - a2;
  });
}

/**
 * Those of one's teams: that they own, or whose alerts they are told of. `teams` empty: one has none, and sees all.
 * `owned`: names of the groups that they own.
 */
export function ofTeams(lags: TopicLag[], teams: string[], owned: ReadonlySet<string>): TopicLag[] {
  if (teams.length === 0) return lags;
  return lags.filter(({ group, owner }) => owned.has(group) || (owner !== undefined && teams.includes(owner)));
}
