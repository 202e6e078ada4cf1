import { http, take } from '@/api/client';
import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { useList } from '@/lib/useList';
import { Stale } from '@/ui/Await';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Table } from '@/ui/Table';

import { AlertsFrame } from './AlertsFrame';
import { eventColumns, eventKey } from './eventColumns';

/** As many as the server tells. */
const MOST = 1_000;

export default function EventsPage() {
  const t = useT();
  const list = useList({
    key: ['alert-events'],
    read: (query, signal) => take(http.GET('/alert-events', { params: { query: { ...query, max: MOST } }, signal })),
    rows: (answer) => answer.events,
    sort: '',
  });
  const { read } = list;
  return (
    <AlertsFrame>
      <p>{t('alerts.eventsLead', { n: MOST })}</p>
      {read.error && !read.data && <ErrorBox error={read.error} onRetry={() => void read.refetch()} />}
      {read.data && <Stale read={read} />}
      {(read.data || !read.error) && (
        <Table
          id="alert-events"
          caption={t('alerts.tabEvents')}
          columns={eventColumns(t, true)}
          rows={list.rows}
          rowKey={eventKey}
          list={list}
          command={commandLine('alert', 'events')}
          empty={<Empty title={t('alerts.noEvents')} />}
        />
      )}
    </AlertsFrame>
  );
}
