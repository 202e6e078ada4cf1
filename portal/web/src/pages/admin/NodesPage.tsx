import { Database } from 'lucide-react';
import { useState } from 'react';

import { http, take } from '@/api/client';
import { useRead } from '@/api/read';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { pathTo } from '@/lib/location';
import { useList } from '@/lib/useList';
import { useNeeds } from '@/pages/shared/who';
import { Stale } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { Button } from '@/ui/Button';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Link } from '@/ui/Link';
import { Page } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';
import { Bytes, Num } from '@/ui/values';

import { AddNodeDialog } from './AddNodeDialog';
import { AdminTabs } from './AdminTabs';
import { addressOf, type DataNode, engineOf, healthOf, stateOf, tablesFree, withHealth } from './node';

/** Each node is connected to: not as often as lists are read. */
const HEALTH_MS = 30_000;

export function NodeBadge({ state }: { state: DataNode['state'] }) {
  const t = useT();
  const known = stateOf(state);
  if (!known) return <Badge tone="quiet">{state}</Badge>;
  return (
    <Badge tone={known.tone} title={t(known.why)}>
      {t(known.text)}
    </Badge>
  );
}

function Health({ node, isAsking }: { node: DataNode; isAsking: boolean }) {
  const t = useT();
  const health = healthOf(node);
  if (!health) return <Badge tone="quiet">{t(isAsking ? 'admin.asking' : 'admin.notAsked')}</Badge>;
  return (
    <Badge tone={health.tone} title={node.unreachable_reason ?? node.warnings?.join(' ')}>
      {t(health.text)}
    </Badge>
  );
}

function columnsOf(t: T, isAsking: boolean): Column<DataNode>[] {
  return [
    {
      id: 'name',
      header: t('teams.name'),
      sort: 'name',
      cell: (node) => <Link to={pathTo('/admin/nodes/:name', { name: node.name })}>{node.name}</Link>,
      text: (node) => node.name,
    },
    {
      id: 'state',
      header: t('people.state'),
      sort: 'state',
      cell: (node) => <NodeBadge state={node.state} />,
      text: (node) => node.state,
    },
    {
      id: 'health',
      header: t('admin.health'),
      cell: (node) => <Health node={node} isAsking={isAsking} />,
      text: (node) => node.unreachable_reason ?? node.warnings?.join(' ') ?? '',
    },
    { id: 'address', header: t('admin.address'), isWide: true, cell: addressOf, text: addressOf },
    {
      id: 'engine',
      header: t('admin.engine'),
      cell: (node) => <span title={node.engine_version}>{engineOf(node)}</span>,
      text: (node) => node.engine_version ?? '',
    },
    {
      id: 'used',
      header: t('admin.tablesUsed'),
      sort: 'tables_used',
      align: 'end',
      cell: (node) => <Num value={node.tables_used} />,
      text: (node) => String(node.tables_used ?? ''),
    },
    {
      id: 'free',
      header: t('admin.tablesFree'),
      align: 'end',
      cell: (node) => <Num value={tablesFree(node)} />,
      text: (node) => String(tablesFree(node) ?? ''),
    },
    {
      id: 'disk',
      header: t('admin.disk'),
      align: 'end',
      cell: (node) => node.disk_used_bytes && <Bytes value={node.disk_used_bytes} />,
      text: (node) => node.disk_used_bytes ?? '',
    },
  ];
}

/** The database servers that keep messages. The list is there at once; how they are comes when they have answered. */
export default function NodesPage() {
  const t = useT();
  const needs = useNeeds();
  const [isNew, setNew] = useState(false);
  const list = useList({
    key: ['nodes'],
    read: (query, signal) => take(http.GET('/nodes', { params: { query }, signal })),
    rows: (answer) => answer.nodes,
    sort: 'name',
    search: 'name',
  });
  const health = useRead(
    ['nodes', 'health'],
    (signal) => take(http.GET('/nodes', { params: { query: { include_health: true, limit: 1000 } }, signal })),
    { refresh: HEALTH_MS },
  );
  const { read } = list;
  const add = (
    <Button kind="primary" {...needs('operator')} onClick={() => setNew(true)}>
      {t('admin.addNode')}
    </Button>
  );
  return (
    <Page title={t('admin.nodes')} lead={t('admin.nodesLead')} actions={add}>
      <AdminTabs />
      {read.error && !read.data && <ErrorBox error={read.error} onRetry={() => void read.refetch()} />}
      {read.data && <Stale read={read} />}
      {read.data && health.error && (
        <ErrorBox error={health.error} title={t('admin.noHealth')} onRetry={() => void health.refetch()} />
      )}
      {(read.data || !read.error) && (
        <Table
          id="nodes"
          caption={t('admin.nodes')}
          columns={columnsOf(t, health.isFetching)}
          rows={withHealth(list.rows, health.data?.nodes)}
          rowKey={(node) => node.name}
          list={list}
          command={commandLine('node', 'list')}
          empty={
            <Empty icon={<Database size={28} />} title={t('admin.noNodes')} text={t('admin.noNodesWhy')}>
              {add}
            </Empty>
          }
        />
      )}
      {isNew && <AddNodeDialog onClose={() => setNew(false)} />}
    </Page>
  );
}
