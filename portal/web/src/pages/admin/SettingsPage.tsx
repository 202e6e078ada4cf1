import type { Schemas } from '@/api/client';
import { useRead } from '@/api/read';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { useUrlState } from '@/lib/urlState';
import { FilterBar, FilterSelect, FilterText } from '@/pages/shared/filters';
import { Await, Skeleton } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { Empty } from '@/ui/Empty';
import { Page } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';
import { Quiet } from '@/ui/values';

import { AdminTabs } from './AdminTabs';
import { DifferingSettings } from './DifferingSettings';
import { alike, chosenOf, foundSettings, serversOf, type Setting } from './servers';
import { ServerSelect } from './ServerSelect';
import { readSettings, useServers } from './useServers';

const URL_STATE = { server: '', find: '', which: '' };

function columnsOf(t: T): Column<Setting>[] {
  return [
    { id: 'name', header: t('servers.setting'), cell: (one) => <code>{one.name}</code> },
    {
      id: 'value',
      header: t('servers.value'),
      cell: (one) => (one.value === '' ? <Quiet>{t('servers.empty')}</Quiet> : <code>{one.value}</code>),
    },
    {
      id: 'given',
      header: t('servers.from'),
      cell: (one) =>
        one.is_given ? (
          <Badge tone="info" title={t('servers.givenWhy')}>
            {t('servers.given')}
          </Badge>
        ) : (
          <Quiet>{t('servers.default')}</Quiet>
        ),
    },
    {
      id: 'default',
      header: t('servers.default'),
      cell: (one) =>
        one.default_value === '' ? <Quiet>{t('servers.empty')}</Quiet> : <code>{one.default_value}</code>,
    },
    { id: 'what', header: t('servers.what'), isWide: true, cell: (one) => one.description },
  ];
}

/** What each server was started with. */
export default function SettingsPage() {
  const t = useT();
  const read = useServers();
  return (
    <Page title={t('servers.settings')} lead={t('servers.settingsLead')} command={commandLine('server', 'settings')}>
      <AdminTabs />
      <Await read={read}>{(metadata) => <OfOne metadata={metadata} />}</Await>
    </Page>
  );
}

function OfOne({ metadata }: { metadata: Schemas['MetadataResponse'] }) {
  const t = useT();
  const [{ server, find, which }, change] = useUrlState(URL_STATE);
  const servers = serversOf(metadata);
  const address = chosenOf(servers, server)?.address ?? '';
  const read = useRead(['server', address, 'settings'], (signal) => readSettings(address, signal), {
    enabled: which !== 'differing',
  });
  return (
    <>
      <FilterBar>
        <ServerSelect servers={servers} value={address} onValue={(chosen) => change({ server: chosen })} />
        <FilterText label={t('servers.find')} value={find} onValue={(text) => change({ find: text })} />
        <FilterSelect
          label={t('admin.which')}
          value={which}
          onValue={(chosen) => change({ which: chosen })}
          options={[
            ['', t('servers.all')],
            ['given', t('servers.givenAlone')],
            ['differing', t('servers.differing')],
          ]}
        />
      </FilterBar>
      {which === 'differing' ? (
        <DifferingSettings servers={alike(servers, address)} find={find} />
      ) : read.isPlaceholderData ? (
        <Skeleton rows={8} />
      ) : (
        <Await read={read} skeleton={<Skeleton rows={8} />}>
          {({ settings }) => (
            <Table
              id="settings"
              caption={t('servers.settingsOf', { server: address })}
              columns={columnsOf(t)}
              rows={foundSettings(settings, find, which === 'given')}
              rowKey={(one) => one.name}
              empty={<Empty title={t('servers.noneFound')} text={t('servers.noneFoundWhy')} />}
            />
          )}
        </Await>
      )}
    </>
  );
}
