import { useT } from '@/i18n/translate';
import { Badge } from '@/ui/Badge';

import { type Alert, stateOf } from './alertRow';

/** Whether it fires, and whether anybody is told. */
export function AlertBadge({ alert }: { alert: Alert }) {
  const t = useT();
  const [tone, text] = stateOf(alert) ?? (['quiet', null] as const);
  const isOpen = alert.state !== 'resolved';
  return (
    <>
      <Badge tone={tone}>
        {text ? t(text) : alert.state}
        {isOpen && ` · ${t(alert.severity === 'page' ? 'alerts.page' : 'alerts.ticket')}`}
      </Badge>{' '}
      {isOpen && alert.is_silenced && (
        <Badge tone="quiet" title={alert.silence_reason}>
          {t('alerts.muted')}
        </Badge>
      )}
      {isOpen && alert.inhibited_by && (
        <Badge tone="quiet" title={t('alerts.explainedBy', { alert: alert.inhibited_by })}>
          {t('alerts.explained')}
        </Badge>
      )}
    </>
  );
}
