import { Plus, Target } from 'lucide-react';
import { useState } from 'react';

import { http, take } from '@/api/client';
import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { useList } from '@/lib/useList';
import { Stale } from '@/ui/Await';
import { Button } from '@/ui/Button';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Table } from '@/ui/Table';

import { AlertsFrame } from './AlertsFrame';
import { type Objective, objectiveColumns, objectiveKey } from './objectiveColumns';
import { ObjectiveDialog } from './ObjectiveDialog';

export default function ObjectivesPage() {
  const t = useT();
  const [edited, setEdited] = useState<Objective | null>(null);
  const list = useList({
    key: ['lag-objectives'],
    read: (query, signal) => take(http.GET('/lag-objectives', { params: { query }, signal })),
    rows: (answer) => answer.objectives,
    sort: 'group',
    search: 'group',
  });
  const { read } = list;
  const add = (
    <Button
      kind="primary"
      icon={<Plus size={15} aria-hidden="true" />}
      onClick={() => setEdited({ group: '', topic: '*' })}
    >
      {t('alerts.objectiveAdd')}
    </Button>
  );
  return (
    <AlertsFrame actions={add}>
      <p>{t('alerts.objectivesLead')}</p>
      {read.error && !read.data && <ErrorBox error={read.error} onRetry={() => void read.refetch()} />}
      {read.data && <Stale read={read} />}
      {(read.data || !read.error) && (
        <Table
          id="objectives"
          caption={t('alerts.tabObjectives')}
          columns={objectiveColumns(t, setEdited)}
          rows={list.rows}
          rowKey={objectiveKey}
          list={list}
          command={commandLine('alert', 'objective', 'list')}
          empty={
            <Empty
              icon={<Target size={28} />}
              title={t('alerts.noObjectivesTitle')}
              text={t('alerts.noObjectivesText')}
            >
              {add}
            </Empty>
          }
        />
      )}
      {edited && <ObjectiveDialog objective={edited} onClose={() => setEdited(null)} />}
    </AlertsFrame>
  );
}
