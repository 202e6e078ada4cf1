import { useT } from '@/i18n/translate';
import { pathTo } from '@/lib/location';
import { Badge } from '@/ui/Badge';
import { Link } from '@/ui/Link';

import css from './DecisionNote.module.css';
import type { Outcome } from './useProposal';

/** What became of a change: made, waiting for somebody's yes, or refused. */
export function OutcomeNote({ outcome, done }: { outcome: Outcome; done: string }) {
  const t = useT();
  const { request, decision, isDone } = outcome;
  if (isDone) {
    return (
      <p role="status">
        <Badge tone="good">{done}</Badge>
      </p>
    );
  }
  if (!request) {
    const why = decision?.violations.map((one) => one.why || `${one.field}: ${one.limit}`).join('; ') ?? '';
    return (
      <p role="alert" className={css.verdict}>
        <Badge tone="bad">{t('topics.decisionRefuse')}</Badge> {why}
      </p>
    );
  }
  return (
    <p role="status" className={css.verdict}>
      <Badge tone={request.state === 'failed' || request.state === 'undone' ? 'bad' : 'info'}>
        {t('topics.requestState', { id: request.id, state: request.state })}
      </Badge>
      <span>
        {request.missing.length > 0 && t('topics.requestWaits', { who: request.missing.join(', ') })}{' '}
        {request.last_error}
      </span>
      <Link to={pathTo('/requests/:id', { id: request.id })}>{t('topics.requestOpen')}</Link>
    </p>
  );
}
