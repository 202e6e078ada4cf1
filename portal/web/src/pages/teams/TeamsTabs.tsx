import { useT } from '@/i18n/translate';
import { Tabs } from '@/ui/Tabs';

/** Who there is, and what they may use and should tidy up. */
export function TeamsTabs() {
  const t = useT();
  return (
    <Tabs
      label={t('teams.areas')}
      tabs={[
        { to: '/teams', text: t('teams.title') },
        { to: '/people', text: t('people.title') },
        { to: '/quotas', text: t('quotas.title') },
        { to: '/hygiene', text: t('hygiene.title') },
      ]}
    />
  );
}
