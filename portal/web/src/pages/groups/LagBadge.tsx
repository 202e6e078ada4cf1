import { useT } from '@/i18n/translate';
import { Badge } from '@/ui/Badge';

import { verdictOf } from './lagRow';

/** The verdict on a group's lag; on hover the server's word for it, what it means, and what is known of it. */
export function LagBadge({ status, evidence = '' }: { status: string; evidence?: string }) {
  const t = useT();
  const { tone, word, meaning } = verdictOf(status);
  return (
    <Badge tone={tone} title={`${status}: ${t(meaning)} ${evidence}`.trimEnd()}>
      {t(word)}
    </Badge>
  );
}
