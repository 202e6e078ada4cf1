import { useT } from '@/i18n/translate';
import { Badge } from '@/ui/Badge';

import { verdictOf } from './lagRow';

/** The verdict on a group's lag; what it means on hover. */
export function LagBadge({ status }: { status: string }) {
  const t = useT();
  const { tone, word, meaning } = verdictOf(status);
  return (
    <Badge tone={tone} title={`${status}: ${t(meaning)}`}>
      {t(word)}
    </Badge>
  );
}
