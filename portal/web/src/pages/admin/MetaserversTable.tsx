import type { ReactNode } from 'react';

import type { Schemas } from '@/api/client';
import { type T, useT } from '@/i18n/translate';
import type { Key } from '@/i18n/translate';
import { Await } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { Card } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';
import { Quiet, Time } from '@/ui/values';

import css from './admin.module.css';
import { type Server, serversOf } from './servers';
import { useServerInfo, useServers } from './useServers';

type Info = Schemas['ServerInfo'];

const duties: Record<string, { text: Key; why: Key }> = {
  'on-call': { text: 'servers.onCall', why: 'servers.onCallWhy' },
  'background-jobs': { text: 'servers.jobs', why: 'servers.jobsWhy' },
};

/** A part of what the server says; nothing while it has not. */
function Said({ server, children }: { server: Server; children: (info: Info) => ReactNode }) {
  const { data, error, isPlaceholderData } = useServerInfo(server.address);
  return data && !error && !isPlaceholderData ? <>{children(data)}</> : null;
}

function State({ server }: { server: Server }) {
  const t = useT();
  const { data, error } = useServerInfo(server.address);
  if (error) {
    return (
      <Badge tone="bad" title={error.message}>
        {t('admin.unreachable')}
      </Badge>
    );
  }
  if (!data) return <Badge tone="quiet">{t('admin.asking')}</Badge>;
  if (data.is_draining) return <Badge tone="info">{t('admin.DRAINING')}</Badge>;
  return <Badge tone="good">{t('admin.ACTIVE')}</Badge>;
}

function Duties({ info }: { info: Info }) {
  const t = useT();
  if (!info.duties?.length) return <Quiet>{t('servers.noDuties')}</Quiet>;
  return (
    <span className={css.badges}>
      {info.duties.map((duty) => {
        const known = duties[duty];
        return (
          <Badge key={duty} tone="info" {...(known && { title: t(known.why) })}>
            {known ? t(known.text) : duty}
          </Badge>
        );
      })}
    </span>
  );
}

function columnsOf(t: T): Column<Server>[] {
  const said = (id: string, header: string, show: (info: Info) => ReactNode, isNumber = false): Column<Server> => ({
    id,
    header,
    ...(isNumber && { align: 'end' as const }),
    cell: (server) => <Said server={server}>{show}</Said>,
  });
  return [
    { id: 'address', header: t('admin.address'), isWide: true, cell: (server) => <code>{server.address}</code> },
    { id: 'state', header: t('people.state'), cell: (server) => <State server={server} /> },
    said('duties', t('servers.duties'), (info) => <Duties info={info} />),
    said('version', t('admin.version'), (info) => info.version),
    said('started', t('admin.started'), (info) => info.started_at_us && <Time us={info.started_at_us} />, true),
    said('catalogue', t('admin.catalogue'), (info) => info.metadata_version, true),
    said('clock', t('admin.itsClock'), (info) => <Time us={info.now_us} isAbsolute />, true),
  ];
}

/** Each is asked by itself: a list of those that are said to be there tells not which answer. */
export function MetaserversTable() {
  const t = useT();
  const read = useServers();
  return (
    <Card title={t('admin.metaservers')} isFlush>
      <Await read={read}>
        {(metadata) => (
          <Table
            id="metaservers"
            caption={t('admin.metaservers')}
            columns={columnsOf(t)}
            rows={serversOf(metadata).filter((one) => one.broker === undefined)}
            rowKey={(server) => server.address}
            empty={<p className={css.soft}>{t('admin.noMetaservers')}</p>}
            isBare
          />
        )}
      </Await>
    </Card>
  );
}
