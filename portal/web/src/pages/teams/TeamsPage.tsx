import { Users } from 'lucide-react';
import { useState } from 'react';

import { http, take } from '@/api/client';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { pathTo } from '@/lib/location';
import { useList } from '@/lib/useList';
import { useWho } from '@/pages/shared/who';
import { Stale } from '@/ui/Await';
import { Button, ButtonLink } from '@/ui/Button';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Link } from '@/ui/Link';
import { Page } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';
import { Num } from '@/ui/values';

import { leadsOf, type Team } from './team';
import { TeamDialog } from './TeamDialog';
import { TeamsTabs } from './TeamsTabs';

function columnsOf(t: T): Column<Team>[] {
  return [
    {
      id: 'name',
      header: t('teams.name'),
      sort: 'name',
      cell: (team) => <Link to={pathTo('/teams/:name', { name: team.name })}>{team.name}</Link>,
      text: (team) => team.name,
    },
    {
      id: 'leads',
      header: t('teams.leads'),
      cell: (team) => leadsOf(team).join(', ') || '–',
      text: (team) => leadsOf(team).join(' '),
    },
    {
      id: 'members',
      header: t('teams.members'),
      align: 'end',
      cell: (team) => <Num value={team.members?.length ?? 0} />,
      text: (team) => String(team.members?.length ?? 0),
    },
    {
      id: 'oncall',
      header: t('teams.oncall'),
      cell: (team) => team.oncall_route || t('teams.noRoute'),
      text: (team) => team.oncall_route ?? '',
    },
    {
      id: 'description',
      header: t('teams.description'),
      isWide: true,
      cell: (team) => team.description,
      text: (team) => team.description ?? '',
    },
  ];
}

/** Admins make teams; others ask for one. */
function NewTeam({ onOpen }: { onOpen: () => void }) {
  const t = useT();
  return useWho().mayAdminister ? (
    <Button kind="primary" onClick={onOpen}>
      {t('teams.new')}
    </Button>
  ) : (
    <ButtonLink to="/requests/new?kind=put_team" kind="primary">
      {t('teams.askForOne')}
    </ButtonLink>
  );
}

export default function TeamsPage() {
  const t = useT();
  const [isNew, setNew] = useState(false);
  const list = useList({
    key: ['teams'],
    read: (query, signal) => take(http.GET('/teams', { params: { query }, signal })),
    rows: (answer) => answer.teams,
    sort: 'name',
    search: 'name',
  });
  const { read } = list;
  return (
    <Page title={t('teams.title')} lead={t('teams.lead')} actions={<NewTeam onOpen={() => setNew(true)} />}>
      <TeamsTabs />
      {read.error && !read.data && <ErrorBox error={read.error} onRetry={() => void read.refetch()} />}
      {read.data && <Stale read={read} />}
      {(read.data || !read.error) && (
        <Table
          id="teams"
          caption={t('teams.title')}
          columns={columnsOf(t)}
          rows={list.rows}
          rowKey={(team) => team.name}
          list={list}
          command={commandLine('team', 'list')}
          empty={
            <Empty icon={<Users size={28} />} title={t('teams.emptyTitle')} text={t('teams.emptyText')}>
              <NewTeam onOpen={() => setNew(true)} />
            </Empty>
          }
        />
      )}
      {isNew && <TeamDialog onClose={() => setNew(false)} />}
    </Page>
  );
}
