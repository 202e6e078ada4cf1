import { useState } from 'react';

import { http, take } from '@/api/client';
import { ApiError } from '@/api/problem';
import { useAct } from '@/api/read';
import { type Key, type T, useT } from '@/i18n/translate';
import { exact } from '@/lib/format';
import { Button } from '@/ui/Button';
import { ConfirmByName } from '@/ui/ConfirmByName';
import { type Column, Table } from '@/ui/Table';

import { touchedBy } from './reads';
import css from './ResetForm.module.css';
import { type Note as PlanNote, type PlannedPlace, summaryOf, toSend } from './resetPlan';
import { Stack } from './Section';

const notes: Record<PlanNote, Key> = {
  beforeStart: 'groups.noteBeforeStart',
  pastEnd: 'groups.notePastEnd',
  nothingNewer: 'groups.noteNothingNewer',
  nothingCommitted: 'groups.noteNothingCommitted',
  otherHasNone: 'groups.noteOtherHasNone',
  unchanged: 'groups.noteUnchanged',
};

const signed = (delta: bigint) => `${delta > 0n ? '+' : ''}${exact(delta)}`;

const columnsOf = (t: T): Column<PlannedPlace>[] => [
  { id: 'topic', header: t('groups.topic'), cell: ({ topic }) => topic },
  { id: 'partition', header: t('groups.partition'), align: 'end', cell: ({ partition }) => partition },
  {
    id: 'old',
    header: t('groups.old'),
    align: 'end',
    cell: ({ old }) => (old === null ? t('common.none') : exact(old)),
  },
  { id: 'new', header: t('groups.new'), align: 'end', cell: ({ next }) => (next === null ? '–' : exact(next)) },
  {
    id: 'delta',
    header: t('groups.delta'),
    align: 'end',
    cell: ({ delta }) =>
      delta === null ? '–' : <span className={delta < 0n ? css.down : css.up}>{signed(delta)}</span>,
  },
  { id: 'start', header: t('groups.logStart'), align: 'end', cell: ({ logStart }) => exact(logStart) },
  { id: 'end', header: t('groups.logEnd'), align: 'end', cell: ({ logEnd }) => exact(logEnd) },
  { id: 'note', header: t('groups.remark'), isWide: true, cell: ({ note }) => (note ? t(notes[note]) : '') },
];

async function reset(group: string, plan: PlannedPlace[], reason: string) {
  const body = { partitions: toSend(plan), ...(reason && { reason }) };
  const answer = await take(http.POST('/groups/{group}/offsets:reset', { params: { path: { group } }, body }));
  const failed = answer.partitions.filter(({ error }) => error);
  const first = failed[0]?.error;
  if (!first) return answer.partitions.length;
  const where = failed.map(({ topic, partition }) => `${topic}/${partition}`).join(', ');
  throw new ApiError(500, first.code, `${where}: ${first.message}`, first.request_id);
}

/** Old, new and delta of each partition; then the deed, after the group's name was typed. */
export function PlanTable({ group, plan, onDone }: { group: string; plan: PlannedPlace[]; onDone: () => void }) {
  const t = useT();
  const [isOpen, setOpen] = useState(false);
  const act = useAct({
    act: (reason: string) => reset(group, plan, reason),
    touches: touchedBy(group),
    done: (n) => t('groups.resetDone', { n }),
    onDone,
    toastErrors: false,
  });
  const { moved, again, skipped } = summaryOf(plan);
  const what = t('groups.planSum', { n: moved, again: exact(again), skipped: exact(skipped) });
  return (
    <Stack>
      <div className={css.summary} role="status">
        <p>
          <strong>{moved === 0 ? t('groups.planNothing') : what}</strong>
        </p>
        <Button kind="danger" disabled={moved === 0} onClick={() => setOpen(true)}>
          {t('groups.reset')}
        </Button>
      </div>
      <Table
        id="reset-plan"
        caption={t('groups.plan')}
        columns={columnsOf(t)}
        rows={plan}
        rowKey={({ topic, partition }) => `${topic}/${partition}`}
      />
      <p className={css.up}>{t('groups.planAge')}</p>
      {isOpen && (
        <ConfirmByName
          title={t('groups.resetConfirm', { group })}
          name={group}
          consequences={
            <>
              <p>{what}</p>
              <p>{t('groups.resetLive')}</p>
              <p>{t('groups.resetUndo')}</p>
            </>
          }
          action={t('groups.reset')}
          asksReason
          isBusy={act.isPending}
          error={act.error}
          onConfirm={(reason) => act.mutate(reason)}
          onClose={() => setOpen(false)}
        />
      )}
    </Stack>
  );
}
