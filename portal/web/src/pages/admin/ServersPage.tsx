import { http, type Schemas, take } from '@/api/client';
import { useRead } from '@/api/read';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { useList } from '@/lib/useList';
import { useUrlState } from '@/lib/urlState';
import { FilterSelect } from '@/pages/shared/filters';
import { Await, Stale } from '@/ui/Await';
import { Badge, type Tone } from '@/ui/Badge';
import { ErrorBox } from '@/ui/ErrorBox';
import { Card, Facts, Page } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';
import { Empty } from '@/ui/Empty';
import { Time } from '@/ui/values';

import css from './admin.module.css';
import { AdminTabs } from './AdminTabs';
import { MetaserversTable } from './MetaserversTable';

type Broker = Schemas['Broker'];

const URL_STATE = { dead: false, cursor: '', at: 0 };
const tones: Record<Broker['state'], Tone> = { ACTIVE: 'good', DRAINING: 'info', DEAD: 'bad' };

function columnsOf(t: T): Column<Broker>[] {
  return [
    {
      id: 'id',
      header: t('admin.broker'),
      sort: 'broker_id',
      cell: (one) => one.broker_id,
      text: (one) => String(one.broker_id),
    },
    {
      id: 'address',
      header: t('admin.address'),
      isWide: true,
      cell: (one) => `${one.host}:${one.port}`,
      text: (one) => `${one.host}:${one.port}`,
    },
    {
      id: 'state',
      header: t('people.state'),
      sort: 'state',
      cell: (one) => (
        <Badge tone={tones[one.state] ?? 'quiet'} title={t(`admin.${one.state}Why`)}>
          {t(`admin.${one.state}`)}
        </Badge>
      ),
      text: (one) => one.state,
    },
    { id: 'version', header: t('admin.version'), cell: (one) => one.version, text: (one) => one.version ?? '' },
    {
      id: 'started',
      header: t('admin.started'),
      align: 'end',
      cell: (one) => <Time us={one.started_at_us} />,
      text: (one) => one.started_at_us ?? '',
    },
    {
      id: 'heard',
      header: t('admin.heard'),
      align: 'end',
      cell: (one) => <Time us={one.last_heartbeat_us} />,
      text: (one) => one.last_heartbeat_us ?? '',
    },
    {
      id: 'admin',
      header: t('admin.adminPort'),
      align: 'end',
      isHidden: true,
      cell: (one) => one.admin_port,
      text: (one) => String(one.admin_port ?? ''),
    },
  ];
}

/** Metaservers as each says itself, and brokers as the metaserver that answers knows them. */
export default function ServersPage() {
  const t = useT();
  const [{ dead }, change] = useUrlState(URL_STATE);
  const list = useList({
    key: ['brokers', dead],
    read: (query, signal) =>
      take(http.GET('/brokers', { params: { query: { ...query, ...(dead && { include_dead: true }) } }, signal })),
    rows: (answer) => answer.brokers,
    sort: 'broker_id',
    search: 'host',
  });
  const { read } = list;
  return (
    <Page title={t('admin.servers')} lead={t('admin.serversLead')} command={commandLine('server', 'list')}>
      <AdminTabs />
      <AnsweringCard />
      <MetaserversTable />
      {read.error && !read.data && <ErrorBox error={read.error} onRetry={() => void read.refetch()} />}
      {read.data && <Stale read={read} />}
      {(read.data || !read.error) && (
        <Table
          id="brokers"
          caption={t('admin.brokers')}
          columns={columnsOf(t)}
          rows={list.rows}
          rowKey={(one) => String(one.broker_id)}
          list={list}
          command={dead ? commandLine('broker', 'list', '--all') : commandLine('broker', 'list')}
          filters={
            <FilterSelect
              label={t('admin.which')}
              value={dead ? 'dead' : ''}
              onValue={(chosen) => change({ dead: chosen !== '', cursor: '', at: 0 })}
              options={[
                ['', t('admin.alive')],
                ['dead', t('admin.withDead')],
              ]}
            />
          }
          empty={<Empty title={t('admin.noBrokers')} text={t('admin.noBrokersWhy')} />}
        />
      )}
      <p className={css.soft}>{t('admin.drainHint')}</p>
    </Page>
  );
}

function AnsweringCard() {
  const t = useT();
  const read = useRead(['server'], (signal) => take(http.GET('/server', { signal })));
  return (
    <Card title={t('admin.answering')}>
      <Await read={read}>
        {(server) => (
          <Facts
            of={[
              [t('admin.role'), server.role],
              [t('admin.version'), server.version],
              [t('admin.cluster'), server.cluster_id && <code key="c">{server.cluster_id}</code>],
              [t('admin.catalogue'), server.metadata_version],
              [t('admin.itsClock'), <Time key="t" us={server.now_us} isAbsolute />],
            ]}
          />
        )}
      </Await>
    </Card>
  );
}
