import { MailX } from 'lucide-react';

import { http, type Schemas, take } from '@/api/client';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { duration } from '@/lib/format';
import { pathTo } from '@/lib/location';
import { useList } from '@/lib/useList';
import { useUrlState } from '@/lib/urlState';
import { TextFilter } from '@/pages/groups/Choice';
import { Note } from '@/pages/groups/Section';
import { OwnerFilter } from '@/pages/teams/OwnerFilter';
import { TeamLink } from '@/pages/teams/TeamLink';
import { Stale } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Link } from '@/ui/Link';
import { Page } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';
import { Num, Quiet, Time } from '@/ui/values';

import { lettersPath } from './letterFilter';

type Sum = Schemas['GroupDeadLetters'];

const STATE = { owner: '', topic: '', cursor: '', at: 0 };

const columnsOf = (t: T): Column<Sum>[] => [
  {
    id: 'group',
    header: t('deadLetters.group'),
    sort: 'group',
    cell: ({ group, topic }) => <Link to={lettersPath(group, topic)}>{group}</Link>,
    text: ({ group }) => group,
  },
  {
    id: 'topic',
    header: t('deadLetters.topic'),
    sort: 'topic',
    cell: ({ topic }) => <Link to={pathTo('/topics/:name', { name: topic })}>{topic}</Link>,
    text: ({ topic }) => topic,
  },
  {
    id: 'letters',
    header: t('deadLetters.letters'),
    sort: 'letters',
    align: 'end',
    cell: ({ letters }) => <Num value={letters} />,
    text: ({ letters }) => letters,
  },
  {
    id: 'recent',
    header: t('deadLetters.recent'),
    sort: 'recent',
    align: 'end',
    cell: ({ recent }) =>
      recent === '0' ? (
        <Num value={recent} />
      ) : (
        <Badge tone="warn">
          <Num value={recent} />
        </Badge>
      ),
    text: ({ recent }) => recent,
  },
  {
    id: 'newest',
    header: t('deadLetters.newest'),
    sort: 'newest_us',
    align: 'end',
    cell: ({ newest_us }) => (newest_us ? <Time us={newest_us} /> : <Quiet>–</Quiet>),
    text: ({ newest_us }) => newest_us ?? '',
  },
  {
    id: 'owner',
    header: t('teams.owner'),
    sort: 'owner',
    cell: ({ owner }) => <TeamLink team={owner} />,
    text: ({ owner }) => owner ?? '',
  },
];

/** Dead letters of every group that one may see; those that came last stand first. */
export default function AllLettersPage() {
  const t = useT();
  const [{ owner, topic }, change] = useUrlState(STATE);
  const set = (values: Partial<typeof STATE>) => change({ ...values, cursor: '', at: 0 }, { replace: true });
  const list = useList({
    key: ['dead-letters'],
    read: (query, signal) => take(http.GET('/dead-letters', { params: { query }, signal })),
    rows: (answer) => answer.groups,
    sort: '-newest_us',
    search: 'group',
    filters: { owner, topic },
  });
  const { read } = list;
  const unknown = read.data?.unknown_nodes ?? [];
  return (
    <Page title={t('deadLetters.title')} lead={t('deadLetters.allLead')}>
      {read.error && !read.data && <ErrorBox error={read.error} onRetry={() => void read.refetch()} />}
      {read.data && <Stale read={read} />}
      {unknown.length > 0 && (
        <Note tone="warn">
          <p>{t('deadLetters.unknownNodes', { nodes: unknown.join(', ') })}</p>
        </Note>
      )}
      {(read.data || !read.error) && (
        <Table
          id="all-dead-letters"
          caption={t('deadLetters.ofAll')}
          columns={columnsOf(t)}
          rows={list.rows}
          rowKey={(sum) => `${sum.group} ${sum.topic}`}
          list={list}
          command={commandLine('dlq', 'groups')}
          filters={
            <>
              <OwnerFilter value={owner} onValue={(team) => set({ owner: team })} />
              <TextFilter
                label={t('deadLetters.topic')}
                value={topic}
                onValue={(text) => set({ topic: text.trim() })}
              />
            </>
          }
          empty={
            <Empty
              icon={<MailX size={28} />}
              title={t('deadLetters.emptyTitle')}
              text={t('deadLetters.allEmptyText')}
            />
          }
        />
      )}
      {read.data && <p>{t('deadLetters.countedAgo', { span: duration(read.data.age_ms) })}</p>}
    </Page>
  );
}
