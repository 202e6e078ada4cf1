import { Sparkles } from 'lucide-react';

import { http, take } from '@/api/client';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { pathTo } from '@/lib/location';
import { useList } from '@/lib/useList';
import { useUrlState } from '@/lib/urlState';
import { FilterSelect, FilterText } from '@/pages/shared/filters';
import { COMMAS } from '@/pages/shared/query';
import { TeamsTabs } from '@/pages/teams/TeamsTabs';
import { Stale } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { ButtonLink } from '@/ui/Button';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Link } from '@/ui/Link';
import { Page } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';
import { Time } from '@/ui/values';

import { type Finding, isKind, KINDS, nextStep, toneOf } from './finding';

const URL_STATE = { team: '', kind: '', days: 60, cursor: '', at: 0 };
const DAYS = [7, 30, 60, 180, 365];

function columnsOf(t: T): Column<Finding>[] {
  return [
    {
      id: 'kind',
      header: t('hygiene.what'),
      sort: 'kind',
      cell: (one) => <Badge tone={toneOf(one)}>{isKind(one.kind) ? t(`hygiene.${one.kind}`) : one.kind}</Badge>,
      text: (one) => one.kind,
    },
    { id: 'text', header: t('hygiene.finding'), isWide: true, cell: (one) => one.text, text: (one) => one.text },
    {
      id: 'teams',
      header: t('hygiene.whose'),
      cell: (one) =>
        one.teams.length === 0
          ? t('hygiene.operators')
          : one.teams.map((team, i) => (
              <span key={team}>
                {i > 0 && ', '}
                <Link to={pathTo('/teams/:name', { name: team })}>{team}</Link>
              </span>
            )),
      text: (one) => one.teams.join(' '),
    },
    {
      id: 'at',
      header: t('hygiene.when'),
      align: 'end',
      cell: (one) => one.at_us && <Time us={one.at_us} />,
      text: (one) => one.at_us ?? '',
    },
    {
      id: 'do',
      header: t('hygiene.next'),
      align: 'end',
      cell: (one) => {
        const step = nextStep(one);
        return (
          step && (
            <ButtonLink isSmall to={step.to}>
              {t(step.text)}
            </ButtonLink>
          )
        );
      },
    },
  ];
}

/** Grants that end, owners that are gone, topics that nobody uses. */
export default function HygienePage() {
  const t = useT();
  const [{ team, kind, days }, change] = useUrlState(URL_STATE);
  const list = useList({
    key: ['hygiene', team, kind, days],
    read: ({ limit, cursor, sort }, signal) =>
      take(
        http.GET('/hygiene', {
          params: {
            query: {
              limit,
              cursor,
              ...(sort && { sort }),
              idle_days: days,
              ...(team && { team }),
              ...(kind && { kinds: [kind] }),
            },
          },
          querySerializer: COMMAS,
          signal,
        }),
      ),
    rows: (answer) => answer.findings,
    sort: '',
    filters: { team, kind },
  });
  const { read } = list;
  const set = (values: { team?: string; kind?: string; days?: number }) =>
    change({ ...values, cursor: '', at: 0 }, { replace: true });
  const young = read.data?.topics_not_known ?? 0;
  const flags = [...(team ? ['--team', team] : []), ...(kind ? ['--kind', kind] : []), '--idle-days', days];
  return (
    <Page title={t('hygiene.title')} lead={t('hygiene.lead')}>
      <TeamsTabs />
      {read.error && !read.data && <ErrorBox error={read.error} onRetry={() => void read.refetch()} />}
      {read.data && <Stale read={read} />}
      {young > 0 && <p role="status">{t('hygiene.young', { n: young, days })}</p>}
      {read.data && !read.data.is_whole && <p role="status">{t('hygiene.notWhole')}</p>}
      {(read.data || !read.error) && (
        <Table
          id="hygiene"
          caption={t('hygiene.title')}
          columns={columnsOf(t)}
          rows={list.rows}
          rowKey={(one) => `${one.kind} ${one.object_kind} ${one.object_name} ${one.text}`}
          list={list}
          command={commandLine('hygiene', ...flags)}
          filters={
            <>
              <FilterSelect
                label={t('hygiene.what')}
                value={kind}
                onValue={(chosen) => set({ kind: chosen })}
                options={[
                  ['', t('hygiene.everything')] as const,
                  ...KINDS.map((one) => [one, t(`hygiene.${one}`)] as const),
                ]}
              />
              <FilterText label={t('tokens.team')} value={team} onValue={(chosen) => set({ team: chosen })} />
              <FilterSelect
                label={t('hygiene.idle')}
                value={String(days)}
                onValue={(chosen) => set({ days: Number(chosen) })}
                options={[...new Set([...DAYS, days])]
                  .sort((a, b) => a - b)
                  .map((n) => [String(n), t('hygiene.idleDays', { n })] as const)}
              />
            </>
          }
          empty={<Empty icon={<Sparkles size={28} />} title={t('hygiene.emptyTitle')} text={t('hygiene.emptyText')} />}
        />
      )}
    </Page>
  );
}
