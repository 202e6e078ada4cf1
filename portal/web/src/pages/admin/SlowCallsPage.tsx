import { http, type Schemas, take } from '@/api/client';
import { useRead } from '@/api/read';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { duration } from '@/lib/format';
import { useUrlState } from '@/lib/urlState';
import { FilterBar } from '@/pages/shared/filters';
import { Await, Skeleton } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { Command } from '@/ui/CopyButton';
import { Empty } from '@/ui/Empty';
import { Page } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';
import { Span, Time } from '@/ui/values';

import { AdminTabs } from './AdminTabs';
import { chosenOf, serversOf } from './servers';
import { ServerSelect } from './ServerSelect';
import { useServers } from './useServers';

type Call = Schemas['SlowCall'];

const SHOWN = 200;
const URL_STATE = { server: '' };

function columnsOf(t: T): Column<Call>[] {
  return [
    { id: 'at', header: t('audit.at'), cell: (one) => <Time us={one.at_us} isAbsolute /> },
    { id: 'took', header: t('admin.took'), align: 'end', cell: (one) => <Span ms={one.took_ms} /> },
    { id: 'kind', header: t('grants.kind'), cell: (one) => <Badge tone="quiet">{one.kind}</Badge> },
    { id: 'what', header: t('audit.action'), cell: (one) => <code>{one.what}</code> },
    { id: 'detail', header: t('admin.about'), isWide: true, cell: (one) => one.detail },
    { id: 'peer', header: t('audit.address'), cell: (one) => one.peer },
    { id: 'request', header: t('audit.request'), cell: (one) => one.request_id && <code>{one.request_id}</code> },
  ];
}

/** What took long on one server: it remembers them in memory, no other does. */
export default function SlowCallsPage() {
  const t = useT();
  const read = useServers();
  return (
    <Page title={t('admin.slow')} lead={t('admin.slowLead')}>
      <AdminTabs />
      <Await read={read}>{(metadata) => <OfOne metadata={metadata} />}</Await>
    </Page>
  );
}

function OfOne({ metadata }: { metadata: Schemas['MetadataResponse'] }) {
  const t = useT();
  const [{ server }, change] = useUrlState(URL_STATE);
  const servers = serversOf(metadata);
  const address = chosenOf(servers, server)?.address ?? '';
  const read = useRead(['slow-calls', address], (signal) =>
    take(http.GET('/slow-calls', { params: { query: { max: SHOWN, server: address } }, signal })),
  );
  return (
    <>
      <FilterBar>
        <ServerSelect servers={servers} value={address} onValue={(chosen) => change({ server: chosen })} />
      </FilterBar>
      {read.isPlaceholderData && <Skeleton rows={8} />}
      <Await read={read}>
        {({ calls, request_threshold_ms, sql_threshold_ms }) =>
          !read.isPlaceholderData && (
            <>
              <p>
                {t('admin.thresholds', { request: duration(request_threshold_ms), sql: duration(sql_threshold_ms) })}
              </p>
              <Table
                id="slow"
                caption={t('admin.slow')}
                columns={columnsOf(t)}
                rows={calls}
                rowKey={(one) => `${one.at_us} ${one.what} ${one.request_id ?? ''}`}
                empty={<Empty title={t('admin.nothingSlow')} text={t('admin.nothingSlowWhy')} />}
              />
            </>
          )
        }
      </Await>
      <Command text={commandLine('slow', '--server', address)} />
    </>
  );
}
