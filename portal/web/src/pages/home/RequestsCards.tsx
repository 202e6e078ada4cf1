import { Inbox } from 'lucide-react';

import { http, type Schemas, take } from '@/api/client';
import { useRead } from '@/api/read';
import { nameOf, useSession } from '@/api/session';
import { useT } from '@/i18n/translate';
import { pathTo } from '@/lib/location';
import { Await } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { Empty } from '@/ui/Empty';
import { Link } from '@/ui/Link';
import { Card } from '@/ui/Page';
import { Time } from '@/ui/values';

import css from './cards.module.css';
import { Rows, SHOWN_MAX } from './Rows';

interface Wish {
  waits_for?: string;
  author?: string;
  states: string[];
}

function useRequests(name: string, principal: string, wish: Wish) {
  return useRead(
    ['requests', 'home', name, principal],
    (signal) => take(http.GET('/requests', { params: { query: { ...wish, limit: SHOWN_MAX } }, signal })),
    { enabled: principal !== '' },
  );
}

/** What waits for one's own yes. */
export function WaitsCard() {
  const t = useT();
  const principal = useSession().data?.principal ?? '';
  const read = useRequests('waits', principal, { waits_for: principal, states: ['pending'] });
  return (
    <Card title={t('home.approvals')} actions={read.data?.has_more && <More to="/requests" />} isFlush>
      <Await read={read}>
        {({ requests }) =>
          requests.length === 0 ? (
            <Empty isSmall icon={<Inbox size={26} />} title={t('home.waitsNone')} text={t('home.waitsNoneText')} />
          ) : (
            <Rows label={t('home.approvals')}>{requests.map(row)}</Rows>
          )
        }
      </Await>
    </Card>
  );
}

/** What one waits for oneself. */
export function MineCard() {
  const t = useT();
  const principal = useSession().data?.principal ?? '';
  const read = useRequests('mine', principal, { author: principal, states: ['draft', 'pending', 'failed'] });
  if (!read.error && (read.data?.requests.length ?? 0) === 0) return null;
  return (
    <Card title={t('home.mine')} actions={read.data?.has_more && <More to="/requests/mine" />} isFlush>
      <Await read={read}>{({ requests }) => <Rows label={t('home.mine')}>{requests.map(row)}</Rows>}</Await>
    </Card>
  );
}

function More({ to }: { to: string }) {
  const t = useT();
  return <Link to={to}>{t('common.all')}</Link>;
}

const row = (request: Schemas['ChangeRequest']) => <Row key={request.id} request={request} />;

function Row({ request }: { request: Schemas['ChangeRequest'] }) {
  const t = useT();
  return (
    <li>
      <Badge tone={request.state === 'failed' ? 'bad' : 'info'}>{request.state}</Badge>
      <Link className={css.text} to={pathTo('/requests/:id', { id: request.id })}>
        {request.title || `#${request.id}`}
      </Link>
      <span className={css.aside}>{t('home.by', { author: nameOf(request.author) })}</span>
      <Time us={request.changed_at_us} />
    </li>
  );
}
