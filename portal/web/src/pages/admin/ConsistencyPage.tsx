import { ShieldCheck, Stethoscope } from 'lucide-react';
import { useState } from 'react';

import { http, take } from '@/api/client';
import { useRead } from '@/api/read';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { exact } from '@/lib/format';
import { Badge } from '@/ui/Badge';
import { Button } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Page } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';
import { Num, Span, Time } from '@/ui/values';
import { Skeleton } from '@/ui/Await';

import css from './admin.module.css';
import { AdminTabs } from './AdminTabs';
import { type Finding, toneOf, worstFirst } from './catalogCheck';

function columnsOf(t: T): Column<Finding>[] {
  return [
    { id: 'kind', header: t('admin.finding'), cell: (one) => <Badge tone={toneOf(one)}>{one.kind}</Badge> },
    { id: 'node', header: t('admin.node'), cell: (one) => one.data_node },
    { id: 'object', header: t('audit.object'), cell: (one) => <code>{one.object}</code> },
    {
      id: 'detail',
      header: t('admin.detail'),
      isWide: true,
      cell: (one) => (
        <>
          <p>{one.detail}</p>
          <p className={css.soft}>{one.advice}</p>
        </>
      ),
    },
    { id: 'rows', header: t('admin.rows'), align: 'end', cell: (one) => one.rows && <Num value={one.rows} /> },
    {
      id: 'age',
      header: t('admin.age'),
      align: 'end',
      cell: (one) => one.age_us && <Span ms={String(BigInt(one.age_us) / 1_000n)} />,
    },
  ];
}

/** The catalogue against what data nodes have. It changes nothing and may take 20 s, so it waits for a click. */
export default function ConsistencyPage() {
  const t = useT();
  const [isAsked, setAsked] = useState(false);
  const read = useRead(['consistency'], (signal) => take(http.GET('/nodes:check', { signal })), {
    enabled: isAsked,
    refresh: false,
  });
  const run = () => (isAsked ? void read.refetch() : setAsked(true));
  const result = read.data;
  return (
    <Page
      title={t('admin.consistency')}
      lead={t('admin.consistencyLead')}
      actions={
        <Button
          kind="primary"
          isBusy={read.isFetching}
          icon={<Stethoscope size={15} aria-hidden="true" />}
          onClick={run}
        >
          {t(result ? 'admin.runAgain' : 'admin.run')}
        </Button>
      }
    >
      <AdminTabs />
      {read.error && <ErrorBox error={read.error} onRetry={run} />}
      {!isAsked && !result && (
        <Empty icon={<Stethoscope size={28} />} title={t('admin.notRun')} text={t('admin.notRunWhy')} />
      )}
      {isAsked && !result && !read.error && <Skeleton rows={5} />}
      {result && (
        <>
          <p role="status">
            {t('admin.checked', { nodes: exact(result.nodes_checked), partitions: exact(result.partitions_checked) })}{' '}
            <Time us={`${read.dataUpdatedAt}000`} />
          </p>
          {!result.is_whole && <p className={css.warning}>{t('admin.notWhole')}</p>}
          {result.findings.length === 0 ? (
            <Empty icon={<ShieldCheck size={28} />} title={t('admin.consistent')} text={t('admin.consistentWhy')} />
          ) : (
            <Table
              id="consistency"
              caption={t('admin.consistency')}
              columns={columnsOf(t)}
              rows={worstFirst(result.findings)}
              rowKey={(one) => `${one.kind} ${one.data_node} ${one.object}`}
            />
          )}
        </>
      )}
      <Command text={commandLine('check', 'catalog')} />
    </Page>
  );
}
