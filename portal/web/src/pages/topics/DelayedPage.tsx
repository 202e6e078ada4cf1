import { AlarmClock, X } from 'lucide-react';
import { useState } from 'react';

import { http, type Schemas, take } from '@/api/client';
import type { PageProps } from '@/app/routes';
import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { useList } from '@/lib/useList';
import { Stale } from '@/ui/Await';
import { Button } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Table } from '@/ui/Table';

import { HiddenNote } from '../shared/HiddenNote';

import { CancelDelayed } from './CancelDelayed';
import { delayedColumns } from './delayedColumns';
import css from './Topic.module.css';
import { useAccess } from './topicData';
import { TopicFrame } from './TopicFrame';

type Listing = Schemas['DelayedListing'];

export default function DelayedPage({ params }: PageProps) {
  const name = params.name ?? '';
  return (
    <TopicFrame key={name} name={name}>
      {() => <Delayed topic={name} />}
    </TopicFrame>
  );
}

/** Messages that wait for their time, and taking them back. */
function Delayed({ topic }: { topic: string }) {
  const t = useT();
  const access = useAccess(topic);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [cancelling, setCancelling] = useState<Listing[] | null>(null);
  const list = useList({
    key: ['topics', topic, 'delayed'],
    read: ({ limit, cursor }, signal) =>
      take(http.GET('/topics/{topic}/delayed', { params: { path: { topic }, query: { limit, cursor } }, signal })),
    rows: (answer) => answer.messages,
    sort: '',
    enabled: access?.peek.isAllowed === true,
  });
  const { read } = list;
  if (access && !access.peek.isAllowed) {
    return (
      <Empty icon={<AlarmClock size={28} />} title={t('messages.noPeek')} text={access.peek.because}>
        <HiddenNote topic={topic} why={access.peek.because} />
      </Empty>
    );
  }
  if (read.error && !read.data) return <ErrorBox error={read.error} onRetry={() => void read.refetch()} />;
  const selected = list.rows?.filter((one) => chosen.has(one.handle)) ?? [];
  const toggle = (handle: string) => {
    const next = new Set(chosen);
    if (!next.delete(handle)) next.add(handle);
    setChosen(next);
  };
  return (
    <div className={css.stack}>
      {read.data && <Stale read={read} />}
      <Table
        id="delayed"
        caption={t('topics.delayedOf', { name: topic })}
        columns={delayedColumns(t, chosen, toggle)}
        rows={list.rows}
        rowKey={(one) => one.handle}
        list={list}
        command={commandLine('delayed', 'list', topic)}
        filters={
          <Button
            isSmall
            icon={<X size={15} aria-hidden="true" />}
            disabled={selected.length === 0}
            onClick={() => setCancelling(selected)}
          >
            {t('topics.cancelChosen', { n: selected.length })}
          </Button>
        }
        empty={
          <Empty icon={<AlarmClock size={28} />} title={t('topics.delayedNone')} text={t('topics.delayedNoneWhy')}>
            <Command text={`echo hello | ${commandLine('produce', topic, '--delay', '5m')}`} />
          </Empty>
        }
      />
      <p className={css.soft}>{t('topics.delayedNote')}</p>
      {cancelling && (
        <CancelDelayed
          topic={topic}
          messages={cancelling}
          onClose={() => setCancelling(null)}
          onDone={() => {
            setCancelling(null);
            setChosen(new Set());
          }}
        />
      )}
    </div>
  );
}
