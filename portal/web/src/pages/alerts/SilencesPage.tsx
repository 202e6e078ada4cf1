import { BellOff } from 'lucide-react';
import { useState } from 'react';

import { http, take } from '@/api/client';
import { useAct } from '@/api/read';
import { nameOf } from '@/api/session';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { useNow } from '@/lib/now';
import { useList } from '@/lib/useList';
import { Stale } from '@/ui/Await';
import { Button } from '@/ui/Button';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { type Column, Table } from '@/ui/Table';
import { Time } from '@/ui/values';

import { isOver, type Silence } from './alertRow';
import { AlertsFrame } from './AlertsFrame';
import { MuteDialog } from './MuteDialog';

export const silenceColumns = (t: T): Column<Silence>[] => [
  { id: 'subject', header: t('alerts.subject'), sort: 'subject', cell: ({ subject }) => <code>{subject}</code> },
  { id: 'kind', header: t('alerts.kind'), sort: 'kind', cell: ({ kind }) => <code>{kind}</code> },
  {
    id: 'until',
    header: t('alerts.until'),
    sort: 'until_us',
    align: 'end',
    cell: ({ until_us }) => <Time us={until_us} />,
  },
  { id: 'reason', header: t('common.reason'), isWide: true, cell: ({ reason }) => reason },
  { id: 'who', header: t('alerts.by'), sort: 'created_by', cell: ({ created_by }) => nameOf(created_by) },
  { id: 'end', header: t('alerts.unmute'), cell: (silence) => <Unmute silence={silence} /> },
];

function Unmute({ silence }: { silence: Silence }) {
  const t = useT();
  const now = useNow();
  const end = useAct({
    act: () => take(http.DELETE('/silences/{id}', { params: { path: { id: silence.id } } })),
    touches: [['alerts'], ['silences']],
    done: () => t('alerts.unmuted'),
  });
  if (isOver(silence, now)) return <>{t('alerts.over')}</>;
  return (
    <Button isSmall isBusy={end.isPending} onClick={() => end.mutate(undefined)}>
      {t('alerts.unmute')}
    </Button>
  );
}

export default function SilencesPage() {
  const t = useT();
  const [isOpen, setOpen] = useState(false);
  const list = useList({
    key: ['silences'],
    read: (query, signal) => take(http.GET('/silences', { params: { query }, signal })),
    rows: (answer) => answer.silences,
    sort: 'until_us',
    search: 'subject',
  });
  const { read } = list;
  const mute = (
    <Button kind="primary" icon={<BellOff size={15} aria-hidden="true" />} onClick={() => setOpen(true)}>
      {t('alerts.mute')}
    </Button>
  );
  return (
    <AlertsFrame actions={mute}>
      {read.error && !read.data && <ErrorBox error={read.error} onRetry={() => void read.refetch()} />}
      {read.data && <Stale read={read} />}
      {(read.data || !read.error) && (
        <Table
          id="silences"
          caption={t('alerts.tabSilences')}
          columns={silenceColumns(t)}
          rows={list.rows}
          rowKey={({ id }) => id}
          list={list}
          command={commandLine('alert', 'silences')}
          empty={
            <Empty icon={<BellOff size={28} />} title={t('alerts.noSilencesTitle')} text={t('alerts.noSilencesText')} />
          }
        />
      )}
      {isOpen && <MuteDialog kind="*" subject="" onClose={() => setOpen(false)} />}
    </AlertsFrame>
  );
}
