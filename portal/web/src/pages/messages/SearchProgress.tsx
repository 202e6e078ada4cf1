import { type Key, useT } from '@/i18n/translate';
import { bytes, duration, exact } from '@/lib/format';
import { Button } from '@/ui/Button';
import { type Column, Table } from '@/ui/Table';

import css from './Messages.module.css';
import { type Looked, RUN, shareOf, type Why } from './search';
import type { useSearch } from './useSearch';

const WHYS: Record<Why, Key> = {
  done: 'messages.endDone',
  incomplete: 'messages.endIncomplete',
  results: 'messages.endResults',
  rows: 'messages.endRows',
  time: 'messages.endTime',
  bytes: 'messages.endBytes',
  stopped: 'messages.endStopped',
};

/** How far it was looked, why it ended there, and going on. */
export function SearchProgress({ search, partitions }: { search: ReturnType<typeof useSearch>; partitions: number }) {
  const t = useT();
  const { found, why, error, isRunning, isWaiting, goOn, stop } = search;
  return (
    <>
      <div className={css.foot} role="status">
        <span>
          {t('messages.searched', {
            n: exact(found.rows),
            size: bytes(found.bytes.toString()),
            span: duration(found.ms),
            hits: exact(found.messages.length),
          })}{' '}
          {why && t(WHYS[why], { n: RUN.results, rows: exact(RUN.rows), span: duration(RUN.ms) })}
          {isWaiting && t('messages.waitsItsTurn')}
        </span>
        <div className={css.buttons}>
          {isRunning && (
            <Button isSmall onClick={stop}>
              {t('messages.stop')}
            </Button>
          )}
          {!isRunning && !error && found.cursor !== null && (
            <Button isSmall kind="primary" onClick={goOn}>
              {t('messages.searchOn')}
            </Button>
          )}
        </div>
      </div>
      {isRunning && (
        <progress
          className={css.progress}
          aria-label={t('messages.searching')}
          max={1}
          value={shareOf(found, partitions)}
        />
      )}
    </>
  );
}

/** Partition by partition. */
export function LookedAt({ looked }: { looked: Looked[] }) {
  const t = useT();
  if (looked.length === 0) return null;
  const columns: Column<Looked>[] = [
    { id: 'partition', header: t('topics.partition'), align: 'end', cell: (one) => one.partition },
    { id: 'from', header: t('messages.lookedFrom'), align: 'end', cell: (one) => exact(one.from) },
    { id: 'to', header: t('messages.lookedTo'), align: 'end', cell: (one) => exact(one.to) },
    {
      id: 'log',
      header: t('messages.lookedLog'),
      align: 'end',
      cell: ({ start, end }) => (end === null ? '–' : `${exact(start)} – ${exact(end)}`),
    },
    {
      id: 'note',
      header: t('messages.lookedNote'),
      isWide: true,
      cell: ({ lost, error }) => {
        const holes = lost.map(({ from, to }) => t('messages.lookedLost', { from, to }));
        return [...holes, error].filter(Boolean).join('; ') || '–';
      },
    },
  ];
  return (
    <details className={css.looked}>
      <summary>{t('messages.lookedAt', { n: looked.length })}</summary>
      <Table
        id="looked"
        caption={t('messages.lookedCaption')}
        columns={columns}
        rows={looked}
        rowKey={(one) => String(one.partition)}
      />
    </details>
  );
}
