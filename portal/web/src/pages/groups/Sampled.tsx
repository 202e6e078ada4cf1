import type { Schemas } from '@/api/client';
import { useT } from '@/i18n/translate';
import { duration, toBig } from '@/lib/format';

import { Note } from './Section';

/** Rounds are seconds apart; beyond this somebody should know. */
const OLD_MS = 30_000n;

/** Says when lag is older than it should be, and which data nodes are not in it. */
export function Sampled({ lag }: { lag: Schemas['GroupLagResponse'] }) {
  const t = useT();
  const nodes = lag.stale_nodes ?? [];
  const isOld = (toBig(lag.age_ms) ?? 0n) > OLD_MS;
  if (!isOld && nodes.length === 0) return null;
  return (
    <Note tone="warn">
      {isOld && <p>{t('groups.sampledOld', { span: duration(lag.age_ms) })}</p>}
      {nodes.length > 0 && <p>{t('groups.staleNodes', { nodes: nodes.join(', '), n: nodes.length })}</p>}
    </Note>
  );
}
