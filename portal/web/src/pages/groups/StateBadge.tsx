import { type Key, useT } from '@/i18n/translate';
import { Badge, type Tone } from '@/ui/Badge';

const states: Record<string, [Tone, Key]> = {
  Stable: ['good', 'groups.stateStable'],
  PreparingRebalance: ['info', 'groups.statePreparing'],
  CompletingRebalance: ['info', 'groups.stateCompleting'],
  Empty: ['quiet', 'groups.stateEmpty'],
  Dead: ['quiet', 'groups.stateDead'],
};

export const STATES = Object.keys(states);

/** Of a group's membership; its name in the protocol on hover. */
export function StateBadge({ state }: { state: string }) {
  const t = useT();
  const [tone, text] = states[state] ?? (['quiet', null] as const);
  return (
    <Badge tone={tone} title={state}>
      {text ? t(text) : state}
    </Badge>
  );
}
