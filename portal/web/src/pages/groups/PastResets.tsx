import { Undo2 } from 'lucide-react';

import { http, take } from '@/api/client';
import { useRead } from '@/api/read';
import { nameOf } from '@/api/session';
import { type T, useT } from '@/i18n/translate';
import { exact } from '@/lib/format';
import { Await } from '@/ui/Await';
import { Button } from '@/ui/Button';
import { type Column, Table } from '@/ui/Table';
import { Time } from '@/ui/values';

import { groupKey } from './reads';
import { batchesOf, movedBy, placesText, type ResetBatch } from './resets';
import { Section } from './Section';

const SHOWN = 500;

const columnsOf = (t: T, isBusy: boolean, onPutBack: (batch: ResetBatch) => void): Column<ResetBatch>[] => [
  { id: 'at', header: t('groups.when'), cell: ({ at_us }) => <Time us={at_us} /> },
  { id: 'where', header: t('groups.partitions'), isWide: true, cell: placesText },
  {
    id: 'delta',
    header: t('groups.delta'),
    align: 'end',
    cell: (batch) => {
      const delta = movedBy(batch);
      return `${delta > 0n ? '+' : ''}${exact(delta)}`;
    },
  },
  { id: 'who', header: t('groups.who'), cell: ({ requested_by }) => nameOf(requested_by) || '–' },
  { id: 'why', header: t('common.reason'), isWide: true, cell: ({ reason }) => reason || '–' },
  {
    id: 'back',
    header: t('groups.undo'),
    cell: (batch) => (
      <Button isSmall disabled={isBusy} icon={<Undo2 size={14} aria-hidden="true" />} onClick={() => onPutBack(batch)}>
        {t('groups.putBack')}
      </Button>
    ),
  },
];

/** Who moved the offsets, from where to where; putting them back makes a plan first. */
export function PastResets({
  group,
  isBusy,
  onPutBack,
}: {
  group: string;
  isBusy: boolean;
  onPutBack: (batch: ResetBatch) => void;
}) {
  const t = useT();
  const read = useRead([...groupKey(group), 'resets'], (signal) => {
    const params = { path: { group }, query: { max_count: SHOWN, limit: SHOWN } };
    return take(http.GET('/groups/{group}/resets', { params, signal }));
  });
  return (
    <Section title={t('groups.pastResets')} lead={t('groups.pastResetsLead', { n: SHOWN })}>
      <Await read={read}>
        {({ resets }) => (
          <Table
            id="group-resets"
            caption={t('groups.pastResets')}
            columns={columnsOf(t, isBusy, onPutBack)}
            rows={batchesOf(resets)}
            rowKey={({ key }) => key}
            empty={<p>{t('groups.noResets')}</p>}
          />
        )}
      </Await>
    </Section>
  );
}
