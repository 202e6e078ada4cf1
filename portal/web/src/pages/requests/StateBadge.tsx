import { useT } from '@/i18n/translate';
import { Badge } from '@/ui/Badge';

import { stateOf } from './request';

export function StateBadge({ state }: { state: string }) {
  const t = useT();
  const known = stateOf(state);
  if (!known) return <Badge tone="quiet">{state}</Badge>;
  return (
    <Badge tone={known.tone} title={t(known.why)}>
      {t(known.text)}
    </Badge>
  );
}
