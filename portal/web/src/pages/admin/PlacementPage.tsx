import { http, type Schemas, take } from '@/api/client';
import { useRead } from '@/api/read';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { pathTo } from '@/lib/location';
import { useList } from '@/lib/useList';
import { useUrlState } from '@/lib/urlState';
import { FilterSelect, FilterText } from '@/pages/shared/filters';
import { Stale } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Link } from '@/ui/Link';
import { Page } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';
import { Quiet } from '@/ui/values';

import { AdminTabs } from './AdminTabs';

type Placed = Schemas['PlacedPartition'];

const URL_STATE = { node: '', topic: '', cursor: '', at: 0 };
const NODES_SHOWN = 1000;

function columnsOf(t: T): Column<Placed>[] {
  return [
    {
      id: 'topic',
      header: t('placement.topic'),
      cell: (one) =>
        one.is_topic_deleted ? (
          <>
            {one.topic} <Badge tone="warn">{t('placement.deleted')}</Badge>
          </>
        ) : (
          <Link to={pathTo('/topics/:name/partitions', { name: one.topic })}>{one.topic}</Link>
        ),
      text: (one) => one.topic,
    },
    {
      id: 'partition',
      header: t('admin.partition'),
      align: 'end',
      cell: (one) => one.partition,
      text: (one) => String(one.partition),
    },
    {
      id: 'node',
      header: t('admin.node'),
      cell: (one) => <Link to={pathTo('/admin/nodes/:name', { name: one.node })}>{one.node}</Link>,
      text: (one) => one.node,
    },
    {
      id: 'table',
      header: t('placement.table'),
      isWide: true,
      cell: (one) => <code>{one.table}</code>,
      text: (one) => one.table,
    },
    {
      id: 'broker',
      header: t('placement.broker'),
      align: 'end',
      cell: (one) => one.preferred_broker_id ?? <Quiet>{t('placement.nobody')}</Quiet>,
      text: (one) => String(one.preferred_broker_id ?? ''),
    },
  ];
}

/** Which partitions are on which data nodes, in which tables. */
export default function PlacementPage() {
  const t = useT();
  const [{ node, topic }, change] = useUrlState(URL_STATE);
  const nodes = useRead(['nodes', 'names'], (signal) =>
    take(http.GET('/nodes', { params: { query: { limit: NODES_SHOWN } }, signal })),
  );
  const list = useList({
    key: ['placements', node, topic],
    read: ({ limit, cursor }, signal) =>
      take(
        http.GET('/placements', {
          params: { query: { limit, cursor, ...(node && { node }), ...(topic && { topic_prefix: topic }) } },
          signal,
        }),
      ),
    rows: (answer) => answer.partitions,
    sort: '',
  });
  const { read } = list;
  const command = commandLine(
    'partition',
    'list',
    ...(node ? ['--node', node] : []),
    ...(topic ? ['--prefix', topic] : []),
  );
  const isFiltered = node !== '' || topic !== '';
  return (
    <Page title={t('placement.title')} lead={t('placement.lead')}>
      <AdminTabs />
      {read.error && !read.data && <ErrorBox error={read.error} onRetry={() => void read.refetch()} />}
      {read.data && <Stale read={read} />}
      {(read.data || !read.error) && (
        <Table
          id="placements"
          caption={t('placement.title')}
          columns={columnsOf(t)}
          rows={list.rows}
          rowKey={(one) => `${one.topic}/${one.partition}`}
          list={{ ...list, isFiltered }}
          command={command}
          filters={
            <>
              <FilterSelect
                label={t('admin.node')}
                value={node}
                onValue={(chosen) => change({ node: chosen, cursor: '', at: 0 })}
                options={[
                  ['', t('placement.allNodes')],
                  ...(nodes.data?.nodes ?? []).map((one) => [one.name, one.name] as const),
                ]}
              />
              <FilterText
                label={t('placement.topicBegins')}
                value={topic}
                onValue={(text) => change({ topic: text, cursor: '', at: 0 })}
              />
            </>
          }
          empty={<Empty title={t('placement.none')} text={t('placement.noneWhy')} />}
        />
      )}
    </Page>
  );
}
