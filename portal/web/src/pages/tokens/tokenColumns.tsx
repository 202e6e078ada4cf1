import type { T } from '@/i18n/translate';
import { Badge } from '@/ui/Badge';
import { Button } from '@/ui/Button';
import { Link } from '@/ui/Link';
import type { Column } from '@/ui/Table';
import { Time } from '@/ui/values';

import { endingOf, holderOf, type Token } from './token';

export type Open = { what: 'rotate' | 'revoke'; token: Token };

export function tokenColumns(t: T, nowMs: number, onOpen: (open: Open) => void): Column<Token>[] {
  return [
    {
      id: 'holder',
      header: t('tokens.holder'),
      cell: (token) =>
        token.service_name ? (
          <Link to={`/tokens?service=${encodeURIComponent(token.service_name)}`}>{holderOf(token)}</Link>
        ) : (
          holderOf(token)
        ),
      text: holderOf,
    },
    {
      id: 'id',
      header: t('tokens.id'),
      sort: 'id',
      cell: (token) => <code>{token.id}</code>,
      text: (token) => token.id,
    },
    {
      id: 'note',
      header: t('tokens.note'),
      isWide: true,
      cell: (token) => (token.is_session ? t('tokens.session') : token.note),
      text: (token) => token.note ?? '',
    },
    { id: 'by', header: t('tokens.by'), cell: (token) => token.created_by, text: (token) => token.created_by },
    {
      id: 'created',
      header: t('tokens.created'),
      sort: 'created_at_us',
      align: 'end',
      cell: (token) => <Time us={token.created_at_us} />,
      text: (token) => token.created_at_us,
    },
    {
      id: 'expires',
      header: t('tokens.expires'),
      align: 'end',
      cell: (token) => <Ending us={token.expires_at_us} nowMs={nowMs} t={t} />,
      text: (token) => token.expires_at_us ?? '',
    },
    {
      id: 'do',
      header: t('people.do'),
      align: 'end',
      cell: (token) => (
        <>
          {!token.is_session && (
            <Button isSmall onClick={() => onOpen({ what: 'rotate', token })}>
              {t('tokens.rotate')}
            </Button>
          )}{' '}
          <Button isSmall onClick={() => onOpen({ what: 'revoke', token })}>
            {t('tokens.revoke')}
          </Button>
        </>
      ),
    },
  ];
}

/** When something ends; what ends soon, or has, stands out. */
export function Ending({ us, nowMs, t }: { us: string | undefined; nowMs: number; t: T }) {
  if (!us) return <>{t('shared.forEver')}</>;
  const ending = endingOf(us, nowMs);
  return (
    <>
      {ending && <Badge tone={ending.tone}>{t(ending.text)}</Badge>} <Time us={us} />
    </>
  );
}
