import { UserRound } from 'lucide-react';
import { useState } from 'react';

import { http, take } from '@/api/client';
import { nameOf } from '@/api/session';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { useNow } from '@/lib/now';
import { useList } from '@/lib/useList';
import { TeamsTabs } from '@/pages/teams/TeamsTabs';
import { useNeeds, useWho } from '@/pages/shared/who';
import { Stale } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { Button, ButtonLink } from '@/ui/Button';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Page } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';
import { Time } from '@/ui/values';

import { PersonDialogs, type Open, PersonMenu } from './PersonDialogs';
import { type Person, roleOf, stateOf } from './person';

const roleTones = { admin: 'warn', operator: 'info', viewer: 'quiet' } as const;

function columnsOf(t: T, now: number, onOpen: (open: Open) => void): Column<Person>[] {
  return [
    { id: 'name', header: t('people.name'), sort: 'name', cell: (one) => one.name, text: (one) => one.name },
    {
      id: 'display',
      header: t('people.displayName'),
      isWide: true,
      cell: (one) => one.display_name,
      text: (one) => one.display_name ?? '',
    },
    {
      id: 'role',
      header: t('people.role'),
      cell: (one) => {
        const role = roleOf(one);
        const tone = roleTones[role as keyof typeof roleTones] ?? 'quiet';
        return <Badge tone={tone}>{role in roleTones ? t(`people.${role as keyof typeof roleTones}`) : role}</Badge>;
      },
      text: roleOf,
    },
    {
      id: 'state',
      header: t('people.state'),
      cell: (one) => {
        const state = stateOf(one, now);
        return state && <Badge tone={state.tone}>{t(state.text)}</Badge>;
      },
      text: (one) => {
        const state = stateOf(one, now);
        return state ? t(state.text) : '';
      },
    },
    { id: 'email', header: t('people.email'), cell: (one) => one.email, text: (one) => one.email ?? '' },
    {
      id: 'signin',
      header: t('people.signsIn'),
      isHidden: true,
      cell: (one) => (one.oidc_subject ? t('people.byProvider') : t('people.byPassword')),
      text: (one) => (one.oidc_subject ? 'provider' : 'password'),
    },
    {
      id: 'last',
      header: t('people.lastSignIn'),
      align: 'end',
      cell: (one) => <Time us={one.last_sign_in_at_us} />,
      text: (one) => one.last_sign_in_at_us ?? '',
    },
    {
      id: 'created',
      header: t('people.created'),
      align: 'end',
      isHidden: true,
      cell: (one) => <Time us={one.created_at_us} />,
      text: (one) => one.created_at_us ?? '',
    },
    { id: 'do', header: t('people.do'), align: 'end', cell: (one) => <PersonMenu person={one} onOpen={onOpen} /> },
  ];
}

export default function PeoplePage() {
  const t = useT();
  const now = useNow();
  const who = useWho();
  const needs = useNeeds();
  const [open, setOpen] = useState<Open | null>(null);
  const list = useList({
    key: ['people'],
    read: (query, signal) => take(http.GET('/people', { params: { query }, signal })),
    rows: (answer) => answer.people,
    sort: 'name',
    search: 'name',
  });
  const { read } = list;
  const create = (
    <Button kind="primary" {...needs('admin')} onClick={() => setOpen({ what: 'new' })}>
      {t('people.new')}
    </Button>
  );
  return (
    <Page
      title={t('people.title')}
      lead={who.mayOperate ? t('people.lead') : t('people.leadFew')}
      actions={
        <>
          {who.principal.startsWith('person:') && (
            <ButtonLink to="/password">{t('people.changeOwn', { name: nameOf(who.principal) })}</ButtonLink>
          )}
          {create}
        </>
      }
    >
      <TeamsTabs />
      {read.error && !read.data && <ErrorBox error={read.error} onRetry={() => void read.refetch()} />}
      {read.data && <Stale read={read} />}
      {(read.data || !read.error) && (
        <Table
          id="people"
          caption={t('people.title')}
          columns={columnsOf(t, now, setOpen)}
          rows={list.rows}
          rowKey={(one) => one.name}
          list={list}
          command={commandLine('person', 'list')}
          empty={
            <Empty icon={<UserRound size={28} />} title={t('people.emptyTitle')} text={t('people.emptyText')}>
              {create}
            </Empty>
          }
        />
      )}
      {open && <PersonDialogs open={open} onOpen={setOpen} />}
    </Page>
  );
}
