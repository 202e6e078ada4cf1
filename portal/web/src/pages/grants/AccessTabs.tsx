import { useT } from '@/i18n/translate';
import { Tabs } from '@/ui/Tabs';

/** Who may do what, and what programs sign in with. */
export function AccessTabs() {
  const t = useT();
  return (
    <Tabs
      label={t('grants.areas')}
      tabs={[
        { to: '/grants', text: t('grants.title') },
        { to: '/owners', text: t('grants.owners') },
        { to: '/grants/check', text: t('grants.check') },
        { to: '/services', text: t('tokens.services') },
        { to: '/tokens', text: t('tokens.title') },
      ]}
    />
  );
}
