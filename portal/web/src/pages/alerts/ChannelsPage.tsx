import { Plus, Send } from 'lucide-react';
import { useState } from 'react';

import { http, type Schemas, take } from '@/api/client';
import { useAct } from '@/api/read';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { duration } from '@/lib/format';
import { useList } from '@/lib/useList';
import { Stale } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { Button } from '@/ui/Button';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { type Column, Table } from '@/ui/Table';
import { toast } from '@/ui/toast';
import { Num, Time } from '@/ui/values';

import { AlertsFrame } from './AlertsFrame';
import { type Channel, ChannelDialog } from './ChannelDialog';

const columnsOf = (t: T, onEdit: (channel: Channel) => void): Column<Channel>[] => [
  { id: 'name', header: t('alerts.name'), sort: 'name', cell: ({ name }) => name, text: ({ name }) => name },
  { id: 'type', header: t('alerts.type'), sort: 'type', cell: ({ type }) => type, text: ({ type }) => type },
  {
    id: 'url',
    header: t('alerts.goesTo'),
    isWide: true,
    cell: ({ url, recipients = [] }) => [url, ...recipients].join(' '),
    text: ({ url }) => url,
  },
  {
    id: 'whose',
    header: t('alerts.whose'),
    cell: ({ owners = [] }) => owners.join(', ') || t('alerts.everybodys'),
    text: ({ owners = [] }) => owners.join(' '),
  },
  {
    id: 'severity',
    header: t('alerts.severity'),
    cell: ({ severity }) => t(severity === 'page' ? 'alerts.pagesOnly' : 'alerts.pagesAndTickets'),
    text: ({ severity }) => severity ?? '',
  },
  {
    id: 'state',
    header: t('alerts.state'),
    cell: ({ is_on, last_error }) => <ChannelState isOn={is_on !== false} error={last_error} />,
    text: ({ last_error }) => last_error ?? '',
  },
  { id: 'last', header: t('alerts.lastDelivered'), align: 'end', cell: (row) => <Time us={row.last_delivered_us} /> },
  { id: 'queued', header: t('alerts.queued'), align: 'end', cell: ({ queued }) => <Num value={queued ?? 0} /> },
  {
    id: 'deeds',
    header: t('alerts.deeds'),
    cell: (channel) => (
      <>
        <TestButton name={channel.name} />{' '}
        <Button isSmall onClick={() => onEdit(channel)}>
          {t('common.edit')}
        </Button>
      </>
    ),
  },
];

function ChannelState({ isOn, error }: { isOn: boolean; error: string | undefined }) {
  const t = useT();
  if (!isOn) return <Badge tone="quiet">{t('alerts.off')}</Badge>;
  return error ? (
    <Badge tone="bad" title={error}>
      {t('alerts.failing')}
    </Badge>
  ) : (
    <Badge tone="good">{t('alerts.on')}</Badge>
  );
}

/** Says what the other side answered: a channel that nobody has tried is not one. */
function TestButton({ name }: { name: string }) {
  const t = useT();
  const tell = ({ is_delivered, answer, took_ms }: Schemas['TestAlertChannelResponse']) => {
    const text = t(is_delivered ? 'alerts.testArrived' : 'alerts.testFailed', { answer, span: duration(took_ms) });
    toast.show({ tone: is_delivered ? 'good' : 'bad', text });
  };
  const test = useAct({
    act: () => take(http.POST('/alert-channels/{name}:test', { params: { path: { name } }, body: {} })),
    touches: [['alert-channels']],
    onDone: tell,
  });
  return (
    <Button
      isSmall
      icon={<Send size={14} aria-hidden="true" />}
      isBusy={test.isPending}
      onClick={() => test.mutate(undefined)}
    >
      {t('alerts.test')}
    </Button>
  );
}

export default function ChannelsPage() {
  const t = useT();
  const [edited, setEdited] = useState<Channel | null>(null);
  const list = useList({
    key: ['alert-channels'],
    read: (query, signal) => take(http.GET('/alert-channels', { params: { query }, signal })),
    rows: (answer) => answer.channels,
    sort: 'name',
    search: 'name',
  });
  const { read } = list;
  const add = (
    <Button
      kind="primary"
      icon={<Plus size={15} aria-hidden="true" />}
      onClick={() => setEdited({ name: '', type: 'webhook', url: '' })}
    >
      {t('alerts.channelAdd')}
    </Button>
  );
  return (
    <AlertsFrame actions={add}>
      {read.error && !read.data && <ErrorBox error={read.error} onRetry={() => void read.refetch()} />}
      {read.data && <Stale read={read} />}
      {(read.data || !read.error) && (
        <Table
          id="channels"
          caption={t('alerts.tabChannels')}
          columns={columnsOf(t, setEdited)}
          rows={list.rows}
          rowKey={({ name }) => name}
          list={list}
          command={commandLine('alert', 'channels')}
          empty={
            <Empty icon={<Send size={28} />} title={t('alerts.noChannelsTitle')} text={t('alerts.noChannelsText')}>
              {add}
            </Empty>
          }
        />
      )}
      {edited && <ChannelDialog channel={edited} onClose={() => setEdited(null)} />}
    </AlertsFrame>
  );
}
