import { ArrowRightLeft } from 'lucide-react';
import { useState } from 'react';

import { http, take } from '@/api/client';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { pathTo } from '@/lib/location';
import { useNow } from '@/lib/now';
import { useList } from '@/lib/useList';
import { useUrlState } from '@/lib/urlState';
import { FilterSelect } from '@/pages/shared/filters';
import { useWho } from '@/pages/shared/who';
import { Stale } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { Button, ButtonLink } from '@/ui/Button';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Link } from '@/ui/Link';
import { Page } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';
import { Bytes, Span, Time } from '@/ui/values';

import css from './admin.module.css';
import { AdminTabs } from './AdminTabs';
import { CancelMove } from './CancelMove';
import { isShut, mayCancel, type Move, moveStateOf, restMs, shareOf } from './move';
import { Rest } from './NodeFacts';

const URL_STATE = { all: false, cursor: '', at: 0 };

function columnsOf(t: T, now: number, mayOperate: boolean, onCancel: (move: Move) => void): Column<Move>[] {
  return [
    { id: 'id', header: t('admin.move'), cell: (one) => one.id, text: (one) => one.id },
    {
      id: 'what',
      header: t('admin.partition'),
      cell: (one) => (
        <>
          <Link to={pathTo('/topics/:name', { name: one.topic })}>{one.topic}</Link>/{one.partition}
        </>
      ),
      text: (one) => `${one.topic}/${one.partition}`,
    },
    {
      id: 'way',
      header: t('admin.way'),
      cell: (one) => `${one.from_node} → ${one.to_node}`,
      text: (one) => `${one.from_node} ${one.to_node}`,
    },
    {
      id: 'state',
      header: t('people.state'),
      cell: (one) => {
        const state = moveStateOf(one.state);
        return (
          <Badge tone={state?.tone ?? 'quiet'} title={isShut(one) ? t('admin.shutNow') : undefined}>
            {state ? t(state.text) : one.state}
          </Badge>
        );
      },
      text: (one) => one.state,
    },
    {
      id: 'progress',
      header: t('admin.progress'),
      cell: (one) => <Progress move={one} now={now} />,
      text: (one) => `${one.copied_end}/${one.source_end}`,
    },
    {
      id: 'bytes',
      header: t('admin.copied'),
      align: 'end',
      cell: (one) => <Bytes value={one.bytes_copied} />,
      text: (one) => one.bytes_copied,
    },
    {
      id: 'paused',
      header: t('admin.paused'),
      align: 'end',
      cell: (one) => one.paused_us && <Span ms={String(Math.round(Number(one.paused_us) / 1_000))} />,
      text: (one) => one.paused_us ?? '',
    },
    { id: 'error', header: t('admin.error'), isWide: true, cell: (one) => one.error, text: (one) => one.error ?? '' },
    {
      id: 'by',
      header: t('admin.by'),
      isHidden: true,
      cell: (one) => one.requested_by,
      text: (one) => one.requested_by ?? '',
    },
    {
      id: 'reason',
      header: t('common.reason'),
      isHidden: true,
      cell: (one) => one.reason,
      text: (one) => one.reason ?? '',
    },
    {
      id: 'begun',
      header: t('admin.begunAt'),
      align: 'end',
      cell: (one) => <Time us={one.created_at_us} />,
      text: (one) => one.created_at_us,
    },
    {
      id: 'do',
      header: t('people.do'),
      align: 'end',
      cell: (one) =>
        mayCancel(one) && (
          <Button isSmall disabled={!mayOperate} onClick={() => onCancel(one)}>
            {t('admin.cancel')}
          </Button>
        ),
    },
  ];
}

function Progress({ move, now }: { move: Move; now: number }) {
  const t = useT();
  const share = shareOf(move);
  if (share === null || moveStateOf(move.state)?.tone === 'quiet') return null;
  return (
    <span className={css.progress}>
      <progress max={100} value={share} aria-label={t('admin.progress')} /> {share}% <Rest ms={restMs(move, now)} />
    </span>
  );
}

/** Partitions on their way from one data node to another. */
export default function MovesPage() {
  const t = useT();
  const now = useNow();
  const { mayOperate } = useWho();
  const [{ all }, change] = useUrlState(URL_STATE);
  const [cancelled, setCancelled] = useState<Move | null>(null);
  const list = useList({
    key: ['moves', all],
    read: ({ limit, cursor }, signal) =>
      take(
        http.GET('/moves', {
          params: { query: { limit, ...(cursor && { cursor }), ...(all && { include_finished: true }) } },
          signal,
        }),
      ),
    rows: (answer) => answer.moves,
    sort: '',
  });
  const { read } = list;
  return (
    <Page title={t('admin.moves')} lead={t('admin.movesLead')}>
      <AdminTabs />
      {read.error && !read.data && <ErrorBox error={read.error} onRetry={() => void read.refetch()} />}
      {read.data && <Stale read={read} />}
      {read.data?.nodes.map(({ node, partitions_left: n, moves_left: moving }) => (
        <p key={node} role="status">
          <Link to={pathTo('/admin/nodes/:name', { name: node })}>{node}</Link>: {t('admin.left', { n, moving })}
        </p>
      ))}
      {(read.data || !read.error) && (
        <Table
          id="moves"
          caption={t('admin.moves')}
          columns={columnsOf(t, now, mayOperate, setCancelled)}
          rows={list.rows}
          rowKey={(one) => one.id}
          list={{ ...list, isFiltered: false }}
          command={all ? commandLine('move', 'list', '--all') : commandLine('move', 'list')}
          filters={
            <FilterSelect
              label={t('admin.which')}
              value={all ? 'all' : ''}
              onValue={(chosen) => change({ all: chosen !== '', cursor: '', at: 0 })}
              options={[
                ['', t('admin.underWay')],
                ['all', t('admin.withEnded')],
              ]}
            />
          }
          empty={
            <Empty icon={<ArrowRightLeft size={28} />} title={t('admin.noMovesTitle')} text={t('admin.noMovesWhy')}>
              {all ? (
                <ButtonLink to="/admin/nodes">{t('admin.nodes')}</ButtonLink>
              ) : (
                <ButtonLink to="/admin/moves?all=true">{t('admin.withEnded')}</ButtonLink>
              )}
            </Empty>
          }
        />
      )}
      {cancelled && <CancelMove move={cancelled} onClose={() => setCancelled(null)} />}
    </Page>
  );
}
