import type { T } from '@/i18n/translate';
import { pathTo } from '@/lib/location';
import { splitPrincipal } from '@/pages/shared/who';
import { Ending } from '@/pages/tokens/tokenColumns';
import { Button } from '@/ui/Button';
import { Link } from '@/ui/Link';
import type { Column } from '@/ui/Table';

import { type Grant, objectOf } from './grant';
import type { Open } from './GrantsPage';

/** Leads to who or what it is. */
export function PrincipalLink({ principal }: { principal: string }) {
  const { kind, name } = splitPrincipal(principal);
  const to =
    kind === 'team'
      ? pathTo('/teams/:name', { name })
      : kind === 'service'
        ? `/services?q=${encodeURIComponent(name)}`
        : undefined;
  return to ? <Link to={to}>{principal}</Link> : <>{principal}</>;
}

/** A topic or a group; what many names begin with leads nowhere. */
export function ObjectLink({ kind, name, isPrefix = false }: { kind: string; name: string; isPrefix?: boolean }) {
  if (isPrefix) return <>{name}*</>;
  return <Link to={pathTo(kind === 'group' ? '/groups/:name' : '/topics/:name', { name })}>{name}</Link>;
}

export function grantColumns(t: T, nowMs: number, onOpen: (open: Open) => void, mayChange: boolean): Column<Grant>[] {
  return [
    {
      id: 'name',
      header: t('grants.object'),
      sort: 'name',
      cell: (grant) => <ObjectLink kind={grant.kind} name={grant.name} isPrefix={grant.is_prefix} />,
      text: objectOf,
    },
    {
      id: 'kind',
      header: t('grants.kind'),
      sort: 'kind',
      cell: (grant) => t(grant.kind === 'group' ? 'grants.group' : 'grants.topic'),
      text: (grant) => grant.kind,
    },
    {
      id: 'principal',
      header: t('grants.principal'),
      sort: 'principal',
      cell: (grant) => <PrincipalLink principal={grant.principal} />,
      text: (grant) => grant.principal,
    },
    {
      id: 'actions',
      header: t('grants.may'),
      isWide: true,
      cell: (grant) => grant.actions.join(', '),
      text: (grant) => grant.actions.join(' '),
    },
    {
      id: 'expires',
      header: t('grants.until'),
      align: 'end',
      cell: (grant) => <Ending us={grant.expires_at_us} nowMs={nowMs} t={t} />,
      text: (grant) => grant.expires_at_us ?? '',
    },
    {
      id: 'do',
      header: t('people.do'),
      align: 'end',
      cell: (grant) => (
        <>
          <Button isSmall disabled={!mayChange} onClick={() => onOpen({ what: 'edit', grant })}>
            {t('grants.change')}
          </Button>{' '}
          <Button isSmall disabled={!mayChange} onClick={() => onOpen({ what: 'revoke', grant })}>
            {t('grants.revoke')}
          </Button>
        </>
      ),
    },
  ];
}
