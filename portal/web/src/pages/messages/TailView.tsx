import { Pause, Play, Radio } from 'lucide-react';

import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { exact } from '@/lib/format';
import { Skeleton } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { Button } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Table } from '@/ui/Table';

import { wayOf } from './browseState';
import { isPlace, makeMatcher } from './match';
import { messageColumns } from './messageColumns';
import css from './Messages.module.css';
import { TAIL_KEPT } from './tail';
import { useTail } from './useTail';
import type { ViewProps } from './view';

/** Messages as they come, the newest above. */
export function TailView({ topic, state, change, ranges, access }: ViewProps) {
  const t = useT();
  const { tail, error, isPaused, setPaused, clear } = useTail(topic.name, ranges, wayOf(state) === 'tail');
  if (ranges === null) return <Skeleton rows={6} />;
  const isHit = makeMatcher(access.peek.isAllowed ? state.q : '', isPlace(state.place) ? state.place : 'any');
  const rows = tail.messages.filter(isHit);
  return (
    <>
      {error && <ErrorBox error={error} title={t('messages.tailBroken')} />}
      <div className={css.foot}>
        <span>
          <Badge tone={isPaused ? 'quiet' : 'good'}>{isPaused ? t('messages.paused') : t('messages.live')}</Badge>{' '}
          {t('messages.tailSeen', { n: exact(tail.seen), kept: TAIL_KEPT })}
          {rows.length < tail.messages.length && ` ${t('messages.tailFiltered', { n: rows.length, q: state.q })}`}
        </span>
        <div className={css.buttons}>
          <Button isSmall onClick={clear}>
            {t('messages.clear')}
          </Button>
          <Button
            isSmall
            icon={isPaused ? <Play size={15} aria-hidden="true" /> : <Pause size={15} aria-hidden="true" />}
            onClick={() => setPaused(!isPaused)}
          >
            {isPaused ? t('messages.resume') : t('messages.pause')}
          </Button>
        </div>
      </div>
      <Table
        id="messages"
        caption={t('messages.of', { name: topic.name })}
        columns={messageColumns(t, (m) => change({ m }))}
        rows={rows}
        rowKey={(one) => `${one.partition}/${one.offset}`}
        empty={<Empty icon={<Radio size={28} />} title={t('messages.tailNone')} text={t('messages.tailNoneWhy')} />}
      />
      <Command
        text={commandLine('consume', topic.name, ...(state.partition ? ['-p', state.partition] : []), '-o', 'end')}
      />
    </>
  );
}
