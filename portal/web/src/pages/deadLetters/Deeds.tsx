import { http, type Schemas, take } from '@/api/client';
import { useRead } from '@/api/read';
import { nameOf } from '@/api/session';
import { type T, useT } from '@/i18n/translate';
import { Section } from '@/pages/groups/Section';
import { Stale } from '@/ui/Await';
import { type Column, Table } from '@/ui/Table';
import { Num, Time } from '@/ui/values';

type Deed = Schemas['DeadLetterDeed'];

const SHOWN = 50;

const columnsOf = (t: T): Column<Deed>[] => [
  { id: 'at', header: t('groups.when'), cell: ({ at_us }) => <Time us={at_us} /> },
  { id: 'action', header: t('groups.action'), cell: ({ action }) => action },
  {
    id: 'letters',
    header: t('deadLetters.letters'),
    align: 'end',
    cell: ({ letters }) => <Num value={letters} isExact />,
  },
  { id: 'who', header: t('groups.who'), cell: ({ requested_by }) => nameOf(requested_by) || '–' },
  { id: 'detail', header: t('deadLetters.detail'), isWide: true, cell: ({ detail }) => detail || '–' },
  { id: 'why', header: t('common.reason'), isWide: true, cell: ({ reason }) => reason || '–' },
];

/** Who did what to the group's dead letters. */
export function Deeds({ group }: { group: string }) {
  const t = useT();
  const read = useRead(['groups', group, 'dead-letter-deeds'], (signal) => {
    const params = { path: { group }, query: { max_count: SHOWN, limit: SHOWN } };
    return take(http.GET('/groups/{group}/dead-letter-deeds', { params, signal }));
  });
  const deeds = read.data?.deeds ?? [];
  if (deeds.length === 0) return <Stale read={read} />;
  return (
    <Section title={t('deadLetters.deeds')} lead={t('deadLetters.deedsLead', { n: SHOWN })}>
      <Stale read={read} />
      <Table
        id="letter-deeds"
        caption={t('deadLetters.deeds')}
        columns={columnsOf(t)}
        rows={deeds}
        rowKey={(deed) => `${deed.at_us} ${deed.action} ${deed.detail}`}
      />
    </Section>
  );
}
