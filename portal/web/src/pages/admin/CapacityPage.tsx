import { http, take } from '@/api/client';
import { useRead } from '@/api/read';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { exact } from '@/lib/format';
import { pathTo } from '@/lib/location';
import { useUrlState } from '@/lib/urlState';
import { FilterBar, FilterText } from '@/pages/shared/filters';
import { Await, Skeleton } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { Link } from '@/ui/Link';
import { Card, Facts, Page } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';
import { Bytes, Num, Quiet } from '@/ui/values';

import css from './admin.module.css';
import { AdminTabs } from './AdminTabs';
import { type Advice, aheadFrom, byteShare, type NodeRoom, reasonsOf, tableShare, verdictOf } from './capacity';

const URL_STATE = { ahead: '' };

const percent = (share: number | null) => (share === null ? null : `${share} %`);

function columnsOf(t: T): Column<NodeRoom>[] {
  return [
    {
      id: 'node',
      header: t('admin.node'),
      cell: (one) => <Link to={pathTo('/admin/nodes/:name', { name: one.node })}>{one.node}</Link>,
    },
    {
      id: 'writable',
      header: t('capacity.takesNew'),
      cell: (one) =>
        one.is_writable ? (
          <Badge tone="good">{t('admin.writable')}</Badge>
        ) : (
          <Badge tone="warn">{t('admin.closed')}</Badge>
        ),
    },
    { id: 'used', header: t('admin.tablesUsed'), align: 'end', cell: (one) => <Num value={one.tables_used} /> },
    { id: 'free', header: t('admin.tablesFree'), align: 'end', cell: (one) => <Num value={one.tables_free} /> },
    { id: 'share', header: t('capacity.share'), align: 'end', cell: (one) => percent(tableShare(one)) },
    {
      id: 'bytes',
      header: t('admin.disk'),
      align: 'end',
      cell: (one) =>
        one.used_bytes === undefined ? <Quiet>{t('capacity.notKnown')}</Quiet> : <Bytes value={one.used_bytes} />,
    },
    {
      id: 'capacity',
      header: t('capacity.declared'),
      align: 'end',
      cell: (one) =>
        one.capacity_bytes === undefined ? (
          <Quiet>{t('capacity.notDeclared')}</Quiet>
        ) : (
          <Bytes value={one.capacity_bytes} />
        ),
    },
    { id: 'bytesShare', header: t('capacity.bytesShare'), align: 'end', cell: (one) => percent(byteShare(one)) },
    {
      id: 'spare',
      header: t('capacity.spare'),
      cell: (one) => one.can_be_emptied && <Badge tone="info">{t('capacity.canBeEmptied')}</Badge>,
    },
  ];
}

/** Whether data nodes are too few, or more than it takes. */
export default function CapacityPage() {
  const t = useT();
  const [{ ahead }, change] = useUrlState(URL_STATE);
  const wanted = aheadFrom(ahead);
  const read = useRead(['nodes', 'capacity', wanted ?? ''], (signal) =>
    take(http.GET('/capacity', { params: { query: wanted == null ? {} : { partitions_ahead: wanted } }, signal })),
  );
  const more = wanted == null ? [] : ['--ahead', String(wanted)];
  return (
    <Page
      title={t('capacity.title')}
      lead={t('capacity.lead')}
      command={commandLine('node', 'capacity', ...more)}
      yaml={read.data}
    >
      <AdminTabs />
      <FilterBar>
        <FilterText label={t('capacity.ahead')} value={ahead} onValue={(text) => change({ ahead: text })} />
      </FilterBar>
      {wanted === null && (
        <p className={css.warning} role="alert">
          {t('capacity.badAhead')}
        </p>
      )}
      {read.isPlaceholderData ? (
        <Skeleton rows={6} />
      ) : (
        <Await read={read}>{(advice) => <Said advice={advice} />}</Await>
      )}
    </Page>
  );
}

function Said({ advice }: { advice: Advice }) {
  const t = useT();
  const verdict = verdictOf(advice);
  return (
    <>
      <Card title={verdict ? <Badge tone={verdict.tone}>{t(verdict.text)}</Badge> : advice.verdict}>
        <div className={css.stack}>
          <ul className={css.worries}>
            {reasonsOf(advice).map(([key, values]) => (
              <li key={key}>{t(key, values)}</li>
            ))}
          </ul>
          <Facts
            of={[
              [
                t('capacity.tables'),
                t('capacity.usedOf', { used: exact(advice.tables_used), share: percent(tableShare(advice)) ?? '' }),
              ],
              [t('admin.tablesFree'), <Num key="f" value={advice.tables_free} isExact />],
              [t('capacity.aheadFact'), <Num key="a" value={advice.partitions_ahead} isExact />],
              [
                t('capacity.recent', { days: advice.recent_days }),
                <Num key="r" value={advice.partitions_recent} isExact />,
              ],
              [t('capacity.daysLeft'), advice.days_left && t('capacity.days', { n: exact(advice.days_left) })],
            ]}
          />
          <p className={css.soft}>{t('capacity.basis')}</p>
        </div>
      </Card>
      <Table
        id="capacity"
        caption={t('admin.nodes')}
        columns={columnsOf(t)}
        rows={advice.nodes}
        rowKey={(one) => one.node}
        empty={<p className={css.soft}>{t('admin.noNodes')}</p>}
      />
    </>
  );
}
