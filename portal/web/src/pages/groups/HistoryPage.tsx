import { useState } from 'react';

import { http, type Schemas, take } from '@/api/client';
import { nameOf } from '@/api/session';
import type { PageProps } from '@/app/routes';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { useList } from '@/lib/useList';
import { Stale } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { Button } from '@/ui/Button';
import { ErrorBox } from '@/ui/ErrorBox';
import { type Column, Table } from '@/ui/Table';
import { Time } from '@/ui/values';
import { YamlDialog } from '@/ui/YamlDialog';

import { GroupFrame } from './GroupFrame';
import { Note, Section } from './Section';

type Event = Schemas['AuditEvent'];

const columnsOf = (t: T, onShow: (event: Event) => void): Column<Event>[] => [
  { id: 'at', header: t('groups.when'), cell: ({ at_us }) => <Time us={at_us} />, text: ({ at_us }) => at_us },
  { id: 'who', header: t('groups.who'), cell: ({ actor }) => nameOf(actor), text: ({ actor }) => actor },
  {
    id: 'action',
    header: t('groups.action'),
    cell: (event) => (
      <Button isSmall onClick={() => onShow(event)}>
        {event.action}
      </Button>
    ),
    text: ({ action }) => action,
  },
  {
    id: 'result',
    header: t('groups.result'),
    cell: ({ result }) => <Badge tone={result === 'ok' ? 'good' : 'bad'}>{result}</Badge>,
    text: ({ result }) => result,
  },
  {
    id: 'reason',
    header: t('common.reason'),
    isWide: true,
    cell: ({ reason }) => reason || '–',
    text: ({ reason }) => reason ?? '',
  },
  {
    id: 'source',
    header: t('groups.source'),
    isHidden: true,
    cell: ({ source }) => source,
    text: ({ source }) => source,
  },
];

const parsed = (json: string | undefined): unknown => {
  try {
    return json === undefined ? undefined : (JSON.parse(json) as unknown);
  } catch {
    return json;
  }
};

/** An event with what was before and after, readable. */
const readable = ({ before_json, after_json, ...rest }: Event) => ({
  ...rest,
  before: parsed(before_json),
  after: parsed(after_json),
});

export default function HistoryPage({ params }: PageProps) {
  const t = useT();
  const group = params.group as string;
  const [shown, setShown] = useState<Event | null>(null);
  const list = useList({
    key: ['groups', group, 'audit'],
    read: ({ limit, cursor }, signal) => {
      const query = { object_kind: 'group', object_name: group, limit, ...(cursor && { cursor }) };
      return take(http.GET('/audit', { params: { query }, signal }));
    },
    rows: (answer) => answer.events,
    sort: '',
  });
  const { read } = list;
  return (
    <GroupFrame group={group}>
      <Section title={t('groups.historyTitle')} lead={t('groups.historyLead')}>
        {read.error && !read.data && <ErrorBox error={read.error} onRetry={() => void read.refetch()} />}
        {read.data && <Stale read={read} />}
        {(read.data?.unreachable ?? []).length > 0 && (
          <Note tone="warn">
            <p>{t('groups.historyPart', { nodes: (read.data?.unreachable ?? []).join(', ') })}</p>
          </Note>
        )}
        {(read.data || !read.error) && (
          <Table
            id="group-audit"
            caption={t('groups.historyTitle')}
            columns={columnsOf(t, setShown)}
            rows={list.rows}
            rowKey={({ id, source_node }) => `${source_node ?? ''} ${id}`}
            list={list}
            command={commandLine('audit', 'search', '--group', group)}
            empty={<p>{t('groups.noHistoryYet')}</p>}
          />
        )}
      </Section>
      {shown && <YamlDialog title={shown.action} value={readable(shown)} onClose={() => setShown(null)} />}
    </GroupFrame>
  );
}
