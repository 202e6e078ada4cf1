import { GitPullRequest } from 'lucide-react';

import { http, take } from '@/api/client';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { pathTo } from '@/lib/location';
import { useList } from '@/lib/useList';
import { useUrlState } from '@/lib/urlState';
import { CheckFilter } from '@/pages/groups/Choice';
import { FilterSelect } from '@/pages/shared/filters';
import { COMMAS } from '@/pages/shared/query';
import { useWho } from '@/pages/shared/who';
import { Stale } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { ButtonLink } from '@/ui/Button';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Link } from '@/ui/Link';
import { Page } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';
import { Tabs } from '@/ui/Tabs';
import { Num, Time } from '@/ui/values';

import { type ChangeRequest, STATES } from './request';
import { StateBadge } from './StateBadge';

export type View = 'decide' | 'mine' | 'all';

const URL_STATE = { state: '', waiting: false, cursor: '', at: 0 };

function columnsOf(t: T): Column<ChangeRequest>[] {
  const at = (us: string | undefined) => us ?? '';
  return [
    {
      id: 'title',
      header: t('requests.request'),
      isWide: true,
      cell: (one) => (
        <Link to={pathTo('/requests/:id', { id: one.id })}>
          {one.id} · {one.title || t('requests.untitled')}
        </Link>
      ),
      text: (one) => `${one.id} ${one.title}`,
    },
    {
      id: 'state',
      header: t('requests.state'),
      cell: (one) => <StateBadge state={one.state} />,
      text: (one) => one.state,
    },
    {
      id: 'missing',
      header: t('requests.waitsFor'),
      cell: (one) => (
        <>
          {one.can_decide && (
            <>
              <Badge tone="warn">{t('requests.yourYes')}</Badge>{' '}
            </>
          )}
          {one.missing.join(', ')}
        </>
      ),
      text: (one) => one.missing.join(', '),
    },
    { id: 'author', header: t('requests.author'), cell: (one) => one.author, text: (one) => one.author },
    {
      id: 'changes',
      header: t('requests.changes'),
      align: 'end',
      cell: (one) => <Num value={one.changes} />,
      text: (one) => String(one.changes),
    },
    {
      id: 'created',
      header: t('requests.created'),
      align: 'end',
      cell: (one) => <Time us={one.created_at_us} />,
      text: (one) => at(one.created_at_us),
    },
    {
      id: 'changed',
      header: t('requests.lastChange'),
      align: 'end',
      isHidden: true,
      cell: (one) => <Time us={one.changed_at_us} />,
      text: (one) => at(one.changed_at_us),
    },
    {
      id: 'expires',
      header: t('requests.expires'),
      align: 'end',
      cell: (one) => one.expires_at_us && <Time us={one.expires_at_us} />,
      text: (one) => at(one.expires_at_us),
    },
  ];
}

/** Requests that wait for one's yes, one's own, or all. Each view has a path of its own. */
export function RequestsView({ view }: { view: View }) {
  const t = useT();
  const { principal } = useWho();
  const [{ state, waiting }, change] = useUrlState(URL_STATE);
  const isWaiting = view === 'decide' || (view === 'all' && waiting);
  const whose = isWaiting ? { waits_for: principal } : view === 'mine' ? { author: principal } : {};
  const hasStates = view !== 'decide';
  const list = useList({
    key: ['requests', view, isWaiting, principal],
    read: ({ limit, cursor }, signal) =>
      take(
        http.GET('/requests', {
          params: { query: { limit, cursor, ...whose, ...(hasStates && state && { states: [state] }) } },
          querySerializer: COMMAS,
          signal,
        }),
      ),
    rows: (answer) => answer.requests,
    sort: '',
    // Not sent as filters: they name the list, and say that it is one of some alone.
    filters: { state: hasStates ? state : '', waits: view === 'all' && waiting ? principal : '' },
    enabled: principal !== '',
  });
  const states = [['', t('requests.allStates')], ...STATES.map((one) => [one, t(`requests.${one}`)] as const)] as const;
  const flags = isWaiting ? ['--waits-for', principal] : view === 'mine' ? ['--author', principal] : [];
  const { read } = list;
  return (
    <Page
      title={t('requests.title')}
      lead={t('requests.lead')}
      actions={
        <ButtonLink to="/requests/new" kind="primary">
          {t('requests.new')}
        </ButtonLink>
      }
    >
      <Tabs
        label={t('requests.title')}
        tabs={[
          { to: '/requests', text: t('requests.toDecide') },
          { to: '/requests/mine', text: t('requests.mine') },
          { to: '/requests/all', text: t('common.all') },
        ]}
      />
      {read.error && !read.data && <ErrorBox error={read.error} onRetry={() => void read.refetch()} />}
      {read.data && <Stale read={read} />}
      {(read.data || !read.error) && (
        <Table
          id="requests"
          caption={t('requests.title')}
          columns={columnsOf(t)}
          rows={list.rows}
          rowKey={(one) => one.id}
          list={list}
          command={commandLine('request', 'list', ...flags, ...(hasStates && state ? ['--state', state] : []))}
          filters={
            hasStates && (
              <>
                <FilterSelect
                  label={t('requests.state')}
                  value={state}
                  options={states}
                  onValue={(chosen) => change({ state: chosen, cursor: '', at: 0 })}
                />
                {view === 'all' && (
                  <CheckFilter
                    label={t('requests.waitsForMe')}
                    isOn={waiting}
                    onChange={(isOn) => change({ waiting: isOn, cursor: '', at: 0 })}
                  />
                )}
              </>
            )
          }
          empty={<Nothing view={view} />}
        />
      )}
    </Page>
  );
}

function Nothing({ view }: { view: View }) {
  const t = useT();
  return (
    <Empty
      icon={<GitPullRequest size={28} />}
      title={t(view === 'decide' ? 'requests.nothingToDecide' : 'requests.none')}
      text={t(view === 'decide' ? 'requests.nothingToDecideWhy' : 'requests.noneWhy')}
    >
      {view === 'decide' ? (
        <ButtonLink to="/requests/all">{t('requests.seeAll')}</ButtonLink>
      ) : (
        <ButtonLink to="/requests/new">{t('requests.new')}</ButtonLink>
      )}
    </Empty>
  );
}

export default function RequestsPage() {
  return <RequestsView view="decide" />;
}
