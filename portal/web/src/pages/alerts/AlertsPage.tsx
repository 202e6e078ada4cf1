import { BellRing } from 'lucide-react';
import { useState } from 'react';

import { http, take } from '@/api/client';
import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { useUrlState } from '@/lib/urlState';
import { useList } from '@/lib/useList';
import { SelectFilter, TextFilter } from '@/pages/groups/Choice';
import { Stale } from '@/ui/Await';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Table } from '@/ui/Table';

import { alertColumns } from './alertColumns';
import type { Alert } from './alertRow';
import { AlertsFrame } from './AlertsFrame';
import { MuteDialog } from './MuteDialog';

const FILTERS = { days: 0, severity: '', owner: '', cursor: '', at: 0 };
const DAYS = [0, 1, 7, 30, 90];
const MOST = 5_000;

export default function AlertsPage() {
  const [muted, setMuted] = useState<Alert | null>(null);
  return (
    <AlertsFrame>
      <AlertList onMute={setMuted} />
      {muted && <MuteDialog kind={muted.kind} subject={muted.subject} onClose={() => setMuted(null)} />}
    </AlertsFrame>
  );
}

function AlertList({ onMute }: { onMute: (alert: Alert) => void }) {
  const t = useT();
  const [{ days, severity, owner }, change] = useUrlState(FILTERS);
  const filter = (values: Partial<typeof FILTERS>) => change({ ...values, cursor: '', at: 0 }, { replace: true });
  const list = useList({
    key: ['alerts', days],
    read: (query, signal) =>
      take(http.GET('/alerts', { params: { query: { ...query, resolved_days: days, max: MOST } }, signal })),
    rows: (answer) => answer.alerts,
    // The server's own: what fires, then what may.
    sort: '',
    search: 'subject',
    filters: { severity, owner },
  });
  const { read } = list;
  if (read.error && !read.data) return <ErrorBox error={read.error} onRetry={() => void read.refetch()} />;
  return (
    <>
      {read.data && <Stale read={read} />}
      <Table
        id="alerts"
        caption={t('alerts.title')}
        columns={alertColumns(t, onMute)}
        rows={list.rows}
        rowKey={({ incident }) => incident}
        list={list}
        command={commandLine('alert', 'list')}
        filters={
          <>
            <SelectFilter
              label={t('alerts.show')}
              options={DAYS.map((one) => [
                String(one),
                one === 0 ? t('alerts.openOnly') : t('alerts.alsoDays', { n: one }),
              ])}
              value={String(days)}
              onValue={(text) => filter({ days: Number(text) })}
            />
            <SelectFilter
              label={t('alerts.severity')}
              options={[
                ['', t('common.all')],
                ['page', t('alerts.page')],
                ['ticket', t('alerts.ticket')],
              ]}
              value={severity}
              onValue={(text) => filter({ severity: text })}
            />
            <TextFilter label={t('alerts.owner')} value={owner} onValue={(text) => filter({ owner: text })} />
          </>
        }
        empty={<Empty icon={<BellRing size={28} />} title={t('alerts.emptyTitle')} text={t('alerts.emptyText')} />}
      />
    </>
  );
}
