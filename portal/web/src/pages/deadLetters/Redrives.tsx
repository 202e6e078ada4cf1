import { http, type Schemas, take } from '@/api/client';
import { useAct, useRead } from '@/api/read';
import { nameOf } from '@/api/session';
import { type Key, type T, useT } from '@/i18n/translate';
import { Section } from '@/pages/groups/Section';
import { Stale } from '@/ui/Await';
import { Badge, type Tone } from '@/ui/Badge';
import { Button } from '@/ui/Button';
import { type Column, Table } from '@/ui/Table';
import { Num, Time } from '@/ui/values';

type Redrive = Schemas['Redrive'];

const SHOWN = 50;

const states: Record<string, [Tone, Key]> = {
  running: ['info', 'deadLetters.running'],
  done: ['good', 'deadLetters.done'],
  cancelled: ['quiet', 'deadLetters.cancelled'],
};

const columnsOf = (t: T): Column<Redrive>[] => [
  { id: 'at', header: t('deadLetters.begun'), cell: ({ created_at_us }) => <Time us={created_at_us} /> },
  {
    id: 'state',
    header: t('deadLetters.state'),
    cell: ({ state }) => {
      const [tone, text] = states[state] ?? (['quiet', null] as const);
      return <Badge tone={tone}>{text ? t(text) : state}</Badge>;
    },
  },
  { id: 'moved', header: t('deadLetters.moved'), align: 'end', cell: ({ moved }) => <Num value={moved} isExact /> },
  {
    id: 'target',
    header: t('deadLetters.target'),
    cell: ({ target }) => t(target === 'TOPIC' ? 'deadLetters.targetTopic' : 'deadLetters.targetGroup'),
  },
  { id: 'node', header: t('deadLetters.node'), cell: ({ data_node }) => data_node },
  { id: 'who', header: t('groups.who'), cell: ({ requested_by }) => nameOf(requested_by ?? '') || '–' },
  { id: 'why', header: t('common.reason'), isWide: true, cell: ({ reason }) => reason || '–' },
  { id: 'cancel', header: t('common.cancel'), cell: (job) => <Cancel job={job} /> },
];

function Cancel({ job }: { job: Redrive }) {
  const t = useT();
  const cancel = useAct({
    act: () => take(http.POST('/redrives/{id}:cancel', { params: { path: { id: job.id } }, body: {} })),
    touches: [['redrives'], ['groups', job.group]],
    done: () => t('deadLetters.cancelledDone'),
  });
  if (job.state !== 'running') return <Time us={job.finished_at_us} />;
  return (
    <Button isSmall isBusy={cancel.isPending} onClick={() => cancel.mutate(undefined)}>
      {t('deadLetters.cancel')}
    </Button>
  );
}

/** Redrives of the group, one for each data node, newest first. Nothing when there were none. */
export function Redrives({ group }: { group: string }) {
  const t = useT();
  const read = useRead(['redrives', group], (signal) =>
    take(http.GET('/redrives', { params: { query: { group, limit: SHOWN } }, signal })),
  );
  const jobs = read.data?.jobs ?? [];
  if (jobs.length === 0) return <Stale read={read} />;
  return (
    <Section title={t('deadLetters.redrives')} lead={t('deadLetters.redrivesLead')}>
      <Stale read={read} />
      <Table
        id="redrives"
        caption={t('deadLetters.redrives')}
        columns={columnsOf(t)}
        rows={jobs}
        rowKey={({ id, data_node }) => `${id} ${data_node}`}
      />
    </Section>
  );
}
