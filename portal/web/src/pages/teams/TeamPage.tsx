import { Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';

import type { PageProps } from '@/app/routes';
import { http, take } from '@/api/client';
import { useAct, useRead } from '@/api/read';
import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { navigate, pathTo } from '@/lib/location';
import { useNeeds, useWho } from '@/pages/shared/who';
import { Await } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { Button, ButtonLink } from '@/ui/Button';
import { ConfirmByName } from '@/ui/ConfirmByName';
import { Command } from '@/ui/CopyButton';
import { Empty } from '@/ui/Empty';
import { Link } from '@/ui/Link';
import { Card, Cards, Facts, Page } from '@/ui/Page';

import { hasNoLead, membersOf, type Team } from './team';
import { TeamDialog } from './TeamDialog';
import { TeamGrants, TeamOwns, TeamQuotaCard, TeamServices } from './TeamParts';
import css from './teams.module.css';

/** One team: who is in it, whom its alerts go to, what is its own, and what it may use. */
export default function TeamPage({ params }: PageProps) {
  const t = useT();
  const name = params.name ?? '';
  const who = useWho();
  const needs = useNeeds();
  const [open, setOpen] = useState<'edit' | 'delete' | null>(null);
  const read = useRead(['teams', 'one', name], (signal) =>
    take(http.GET('/teams', { params: { query: { filter: [`name:${name}`] } }, signal })),
  );
  const team = read.data?.teams[0];
  return (
    <Page
      title={name}
      above={<Link to="/teams">{t('teams.title')}</Link>}
      lead={team?.description}
      marks={team && hasNoLead(membersOf(team)) && <Badge tone="warn">{t('teams.withoutLead')}</Badge>}
      actions={
        team && (
          <>
            <Button
              {...needs('admin')}
              icon={<Trash2 size={15} aria-hidden="true" />}
              onClick={() => setOpen('delete')}
            >
              {t('common.delete')}
            </Button>
            {who.mayAdminister ? (
              <Button kind="primary" icon={<Pencil size={15} aria-hidden="true" />} onClick={() => setOpen('edit')}>
                {t('common.edit')}
              </Button>
            ) : (
              <ButtonLink to={`/requests/new?kind=put_team&name=${encodeURIComponent(name)}`} kind="primary">
                {t('teams.askForChange')}
              </ButtonLink>
            )}
          </>
        )
      }
    >
      <Await read={read}>
        {() =>
          team ? (
            <>
              <Cards>
                <MembersCard team={team} />
                <TeamQuotaCard team={name} />
                <TeamServices team={name} />
                <TeamOwns team={name} />
                <TeamGrants team={name} />
              </Cards>
              <Command text={commandLine('get', 'team', name)} />
            </>
          ) : (
            <Empty title={t('teams.notThere', { name })}>
              <ButtonLink to="/teams">{t('teams.seeAll')}</ButtonLink>
            </Empty>
          )
        }
      </Await>
      {team && open === 'edit' && <TeamDialog team={team} onClose={() => setOpen(null)} />}
      {team && open === 'delete' && <DeleteTeam name={name} onClose={() => setOpen(null)} />}
    </Page>
  );
}

function MembersCard({ team }: { team: Team }) {
  const t = useT();
  const members = membersOf(team);
  return (
    <Card title={t('teams.members')}>
      <ul className={css.list}>
        {members.map((member) => (
          <li key={member.person}>
            <Link to={`/people?q=${encodeURIComponent(member.person)}`}>{member.person}</Link>
            <Badge tone={member.role === 'lead' ? 'info' : 'quiet'}>
              {member.role === 'lead' ? t('teams.lead1') : t('teams.member1')}
            </Badge>
          </li>
        ))}
        {members.length === 0 && <li className={css.soft}>{t('teams.nobody')}</li>}
      </ul>
      <div className={css.below}>
        <Facts of={[[t('teams.oncall'), team.oncall_route || t('teams.noRoute')]]} />
      </div>
    </Card>
  );
}

function DeleteTeam({ name, onClose }: { name: string; onClose: () => void }) {
  const t = useT();
  const act = useAct({
    act: (reason: string) =>
      take(http.DELETE('/teams/{name}', { params: { path: { name }, query: reason ? { reason } : {} } })),
    touches: [['teams'], ['quotas']],
    done: () => t('teams.deleted', { name }),
    onDone: () => navigate(pathTo('/teams')),
    toastErrors: false,
  });
  return (
    <ConfirmByName
      title={t('teams.deleteTitle', { name })}
      name={name}
      consequences={<p>{t('teams.deleteWhat')}</p>}
      action={t('teams.delete')}
      asksReason
      isBusy={act.isPending}
      error={act.error}
      onConfirm={(reason) => act.mutate(reason)}
      onClose={onClose}
    />
  );
}
