import { EyeOff } from 'lucide-react';
import { useMemo } from 'react';

import { useT } from '@/i18n/translate';
import { useUrlState } from '@/lib/urlState';
import { Skeleton, Stale } from '@/ui/Await';
import { Empty } from '@/ui/Empty';

import { HiddenNote } from '../shared/HiddenNote';
import { Notice } from '../topics/Notice';
import { type Access, useAccess, useEnds } from '../topics/topicData';
import topicCss from '../topics/Topic.module.css';
import type { Topic } from '../topics/topicRow';

import { PAGE_PARTITIONS, type Range } from './browse';
import { BrowseBar } from './BrowseBar';
import { BROWSE_DEFAULTS, chosenRanges, wayOf } from './browseState';
import { MessageDialog } from './MessageDialog';
import { parseId } from './message';
import { PageView } from './PageView';
import { fetchReader, singleReader } from './reader';
import { SearchView } from './SearchView';
import { TailView } from './TailView';

export function Messages({ topic }: { topic: Topic }) {
  const t = useT();
  const access = useAccess(topic.name);
  if (!access) return <Skeleton rows={6} />;
  if (!access.consume.isAllowed && !access.peek.isAllowed) {
    return (
      <Empty icon={<EyeOff size={28} />} title={t('messages.noPeek')} text={access.peek.because}>
        <HiddenNote topic={topic.name} why={access.peek.because} />
      </Empty>
    );
  }
  return <Readable topic={topic} access={access} />;
}

function Readable({ topic, access }: { topic: Topic; access: Access }) {
  const t = useT();
  const [state, change] = useUrlState(BROWSE_DEFAULTS);
  const ends = useEnds(topic);
  const isSingle = !access.consume.isAllowed;
  const isHidden = !access.peek.isAllowed;
  const read = useMemo(() => (isSingle ? singleReader(topic.name) : fetchReader(topic.name)), [topic.name, isSingle]);
  const known = useMemo<Range[] | null>(
    () =>
      ends.data?.flatMap(({ partition, start, end }) =>
        start === null || end === null ? [] : [{ partition, start, end }],
      ) ?? null,
    [ends.data],
  );
  const ranges = useMemo(() => known && chosenRanges(known, state.partition), [known, state.partition]);
  const open = parseId(state.m);
  const unknown = ends.data?.filter((one) => one.error) ?? [];
  const view = { topic, access, state, change, ranges, read, isSingle };
  const way = wayOf(state);
  const isCut = way !== 'search' && state.partition === '' && (known?.length ?? 0) > PAGE_PARTITIONS;
  return (
    <div className={topicCss.stack}>
      <BrowseBar topic={topic} access={access} state={state} change={change} />
      {isHidden && <HiddenNote topic={topic.name} why={access.peek.because} />}
      {isSingle && way === '' && <Notice tone="info">{t('messages.single')}</Notice>}
      {ends.error && <Stale read={ends} />}
      {unknown.length > 0 && (
        <Notice tone="warn">
          {t('messages.partitionsUnknown', { which: unknown.map((one) => one.partition).join(', ') })}{' '}
          {unknown[0]?.error}
        </Notice>
      )}
      {isCut && (
        <Notice tone="info">{t('messages.partitionsCut', { n: PAGE_PARTITIONS, of: known?.length ?? 0 })}</Notice>
      )}
      {way === 'tail' && !isSingle ? (
        <TailView {...view} />
      ) : way === 'search' ? (
        !isHidden && <SearchView {...view} />
      ) : (
        <PageView {...view} />
      )}
      {open && (
        <MessageDialog
          topic={topic}
          id={open}
          access={access}
          range={known?.find((range) => range.partition === open.partition)}
          onMove={(m) => change({ m }, { replace: true })}
          onClose={() => change({ m: '' }, { replace: true })}
        />
      )}
    </div>
  );
}
