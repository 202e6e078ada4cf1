import { useT } from '@/i18n/translate';
import { Tabs } from '@/ui/Tabs';

export function AdminTabs() {
  const t = useT();
  return (
    <Tabs
      label={t('admin.title')}
      tabs={[
        { to: '/admin/brokers', text: t('admin.servers') },
        { to: '/admin/settings', text: t('servers.settings') },
        { to: '/admin/nodes', text: t('admin.nodes') },
        { to: '/admin/capacity', text: t('capacity.title') },
        { to: '/admin/placement', text: t('placement.title') },
        { to: '/admin/moves', text: t('admin.moves') },
        { to: '/admin/consistency', text: t('admin.consistency') },
        { to: '/admin/policy', text: t('policy.title') },
        { to: '/admin/slow', text: t('admin.slow') },
      ]}
    />
  );
}
