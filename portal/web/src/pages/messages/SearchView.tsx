import { SearchX } from 'lucide-react';
import { useMemo } from 'react';

import { useT } from '@/i18n/translate';
import { bytes, exact } from '@/lib/format';
import { useSettings } from '@/lib/settings';
import { Button } from '@/ui/Button';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Skeleton } from '@/ui/Await';
import { Table } from '@/ui/Table';

import { isBackward, positionsOf, searchRanges, wantedMoment } from './browseState';
import { newestFirst } from './message';
import { messageColumns } from './messageColumns';
import css from './Messages.module.css';
import { Errors } from './PageView';
import { FETCH_LIMITS, SINGLE_LIMITS, totalOf } from './scan';
import { useMoment } from './useMoment';
import { useScan } from './useScan';
import type { ViewProps } from './view';

/** Messages that have what somebody looks for, and how far it was looked for. */
export function SearchView({ topic, state, change, ranges, read, isSingle, isHidden }: ViewProps) {
  const t = useT();
  const { clock } = useSettings();
  const moment = wantedMoment(state, clock);
  const found = useMoment(topic.name, moment, ranges);
  const where = useMemo(() => {
    if (ranges === null || (moment !== null && !found.data)) return null;
    return searchRanges(state, ranges, positionsOf(state, ranges, 0, found.data ?? null));
  }, [state, ranges, moment, found.data]);
  const limits = isSingle ? SINGLE_LIMITS : FETCH_LIMITS;
  const { scan, whole, error, isRunning, goOn, stop } = useScan(state, where, read, limits);
  if (found.error) return <ErrorBox error={found.error} onRetry={() => void found.refetch()} />;
  if (!scan && !error) return <Skeleton rows={6} />;
  const total = totalOf(whole);
  const isWhole = scan?.left.length === 0;
  return (
    <>
      {error && <ErrorBox error={error} onRetry={goOn} />}
      {scan && (
        <>
          <div className={css.foot} role="status">
            <span>
              {t(isBackward(state) ? 'messages.searchedBack' : 'messages.searchedOn', {
                n: exact(scan.searched),
                of: exact(total),
                size: bytes(scan.bytes),
                hits: scan.hits.length,
              })}{' '}
              {!isRunning && !isWhole && t('messages.searchBound', { n: exact(limits.messages) })}
            </span>
            <div className={css.buttons}>
              {isRunning && (
                <Button isSmall onClick={stop}>
                  {t('messages.stop')}
                </Button>
              )}
              {!isRunning && !isWhole && (
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
              max={Number(total)}
              value={scan.searched}
            />
          )}
          <Errors errors={scan.errors} />
          <Table
            id="messages"
            caption={t('messages.found', { q: state.q })}
            columns={messageColumns(t, isHidden, (m) => change({ m }))}
            rows={[...scan.hits].sort(newestFirst)}
            rowKey={(one) => `${one.partition}/${one.offset}`}
            empty={
              <Empty
                icon={<SearchX size={28} />}
                title={isRunning ? t('messages.searching') : t('messages.notFound', { q: state.q })}
                text={isWhole || isRunning ? undefined : t('messages.notFoundYet')}
              />
            }
          />
        </>
      )}
    </>
  );
}
