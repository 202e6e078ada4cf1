import { ChevronLeft, ChevronRight, RotateCw } from 'lucide-react';

import { useRead } from '@/api/read';
import { useT } from '@/i18n/translate';
import { exact } from '@/lib/format';
import { useSettings } from '@/lib/settings';
import { Await, Skeleton } from '@/ui/Await';
import { Button } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { Empty } from '@/ui/Empty';
import { Table } from '@/ui/Table';

import { Notice } from '../topics/Notice';

import {
  hasNewer,
  hasOlder,
  newest,
  PAGE_MESSAGES,
  PAGE_SINGLES,
  perPartition,
  type Positions,
  positionsText,
  type Range,
  shifted,
} from './browse';
import { positionsOf, wantedMoment } from './browseState';
import { consumeCommand } from './command';
import { newestFirst } from './message';
import { messageColumns } from './messageColumns';
import css from './Messages.module.css';
import { useMoment } from './useMoment';
import type { ViewProps } from './view';

/** Messages from a place on, so many of each partition; the newest above. */
export function PageView(props: ViewProps) {
  const { topic, state, ranges } = props;
  const { clock } = useSettings();
  const moment = wantedMoment(state, clock);
  const found = useMoment(topic.name, moment, ranges);
  if (ranges === null || (moment !== null && !found.data && !found.error)) return <Skeleton rows={8} />;
  if (moment !== null && !found.data) return <Await read={found}>{() => null}</Await>;
  return <MessagePage {...props} ranges={ranges} byTime={found.data ?? null} />;
}

function MessagePage(props: ViewProps & { ranges: Range[]; byTime: Positions | null }) {
  const { topic, state, change, ranges, read, isSingle, byTime } = props;
  const t = useT();
  const count = perPartition(ranges, isSingle ? PAGE_SINGLES : PAGE_MESSAGES);
  const isNewest = state.from === 'newest' && state.page === '';
  const wanted = positionsOf(state, ranges, count, byTime);
  // The newest page stays as it was read, so that nothing moves under the cursor; a button brings what has come since.
  const key = isNewest ? 'newest' : positionsText(wanted);
  const page = useRead(
    ['messages', topic.name, isSingle, count, state.partition, key],
    async (signal) => {
      const asks = [...wanted].map(([partition, offset]) => {
        const end = ranges.find((range) => range.partition === partition)?.end ?? offset;
        return { partition, offset, count: Math.min(count, Number(end - offset)) };
      });
      const { messages, errors } = await read(asks, signal);
      return { messages: messages.sort(newestFirst), errors, from: wanted, at: ranges };
    },
    { refresh: false },
  );
  const go = (positions: Positions) => change({ page: positionsText(positions), m: '' });
  return (
    <Await read={page} skeleton={<Skeleton rows={8} />}>
      {(data) => {
        const come = isNewest ? comeSince(data.at, ranges) : 0n;
        return (
          <>
            <Errors errors={data.errors} />
            <Table
              id="messages"
              caption={t('messages.of', { name: topic.name })}
              columns={messageColumns(t, (m) => change({ m }))}
              rows={data.messages}
              rowKey={(one) => `${one.partition}/${one.offset}`}
              empty={<NoMessages hasSome={hasOlder(ranges, data.from)} topic={topic.name} />}
            />
            <div className={css.foot}>
              <span>
                {ranges.length === 1
                  ? t('messages.shown', { n: data.messages.length })
                  : t('messages.shownEach', { n: count })}
              </span>
              <div className={css.buttons}>
                {come > 0n && (
                  <Button isSmall icon={<RotateCw size={15} aria-hidden="true" />} onClick={() => void page.refetch()}>
                    {t('messages.come', { n: exact(come) })}
                  </Button>
                )}
                <Button
                  isSmall
                  icon={<ChevronLeft size={15} aria-hidden="true" />}
                  disabled={!hasNewer(ranges, data.from, count)}
                  onClick={() => go(shifted(ranges, data.from, count))}
                >
                  {t('messages.newer')}
                </Button>
                <Button
                  isSmall
                  disabled={!hasOlder(ranges, data.from)}
                  onClick={() => go(shifted(ranges, isNewest ? newest(data.at, count) : data.from, -count))}
                >
                  {t('messages.older')}
                  <ChevronRight size={15} aria-hidden="true" />
                </Button>
              </div>
            </div>
            <Command text={consumeCommand(topic.name, state, data.from, count)} />
          </>
        );
      }}
    </Await>
  );
}

function comeSince(before: readonly Range[], now: readonly Range[]): bigint {
  const ends = new Map(before.map((range) => [range.partition, range.end]));
  return now.reduce((sum, range) => sum + (range.end - (ends.get(range.partition) ?? range.end)), 0n);
}

/** What partitions that could not be read said. */
export function Errors({ errors }: { errors: ReadonlyMap<number, string> }) {
  const t = useT();
  return [...errors].map(([partition, why]) => (
    <Notice key={partition} tone="warn">
      {t('messages.partitionFailed', { partition, why })}
    </Notice>
  ));
}

function NoMessages({ hasSome, topic }: { hasSome: boolean; topic: string }) {
  const t = useT();
  if (hasSome) return <Empty title={t('messages.noneHere')} text={t('messages.noneHereWhy')} />;
  return (
    <Empty title={t('messages.none')} text={t('messages.noneWhy')}>
      <Command text={`echo hello | lanemq produce ${topic}`} />
    </Empty>
  );
}
