import type { ReactNode } from 'react';

import { useT } from '@/i18n/translate';
import { Page } from '@/ui/Page';
import { Tabs } from '@/ui/Tabs';

const TABS = [
  ['/alerts', 'alerts.tabAlerts'],
  ['/alerts/silences', 'alerts.tabSilences'],
  ['/alerts/events', 'alerts.tabEvents'],
  ['/alerts/objectives', 'alerts.tabObjectives'],
  ['/alerts/channels', 'alerts.tabChannels'],
  ['/alerts/rules', 'alerts.tabRules'],
] as const;

/** What fires, who is told, and what is looked for. */
export function AlertsFrame({ children, actions }: { children: ReactNode; actions?: ReactNode }) {
  const t = useT();
  return (
    <Page title={t('alerts.title')} lead={t('alerts.lead')} actions={actions}>
      <Tabs label={t('alerts.tabs')} tabs={TABS.map(([to, text]) => ({ to, text: t(text) }))} />
      {children}
    </Page>
  );
}
