import { Ellipsis, Pause, Play, Terminal, Trash2 } from 'lucide-react';
import { useState } from 'react';

import { http, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { commandLine, copyText } from '@/lib/clipboard';
import { navigate } from '@/lib/location';
import { Button } from '@/ui/Button';
import { ConfirmByName } from '@/ui/ConfirmByName';
import { Menu } from '@/ui/Menu';
import { toast } from '@/ui/toast';

import { PauseDialog } from './PauseDialog';
import { touchedBy } from './reads';

/** Pause or resume, and delete. */
export function GroupActions({
  group,
  isPaused,
  hasMembers,
}: {
  group: string;
  isPaused: boolean;
  hasMembers: boolean;
}) {
  const t = useT();
  const [open, setOpen] = useState<'pause' | 'delete' | null>(null);
  const close = () => setOpen(null);
  const describe = commandLine('group', 'describe', group);
  return (
    <>
      {isPaused ? (
        <ResumeButton group={group} />
      ) : (
        <Button icon={<Pause size={15} aria-hidden="true" />} onClick={() => setOpen('pause')}>
          {t('groups.pause')}
        </Button>
      )}
      <Menu
        label={t('common.more')}
        button={<Ellipsis size={17} />}
        sections={[
          {
            items: [
              {
                label: t('common.copyCommand'),
                icon: <Terminal size={15} />,
                act: () => void copyText(describe).then(() => toast.show({ tone: 'good', text: describe })),
              },
              ...(isPaused
                ? [{ label: t('groups.pauseAgain'), icon: <Pause size={15} />, act: () => setOpen('pause') }]
                : []),
            ],
          },
          { items: [{ label: t('groups.delete'), icon: <Trash2 size={15} />, act: () => setOpen('delete') }] },
        ]}
      />
      {open === 'pause' && <PauseDialog group={group} onClose={close} />}
      {open === 'delete' && <DeleteDialog group={group} hasMembers={hasMembers} onClose={close} />}
    </>
  );
}

function ResumeButton({ group }: { group: string }) {
  const t = useT();
  const resume = useAct({
    act: () => take(http.POST('/groups/{group}:resume', { params: { path: { group } }, body: {} })),
    touches: touchedBy(group),
    done: ({ partitions }) => t('groups.resumed', { n: partitions.length }),
  });
  return (
    <Button
      kind="primary"
      icon={<Play size={15} aria-hidden="true" />}
      isBusy={resume.isPending}
      onClick={() => resume.mutate(undefined)}
    >
      {t('groups.resume')}
    </Button>
  );
}

function DeleteDialog({ group, hasMembers, onClose }: { group: string; hasMembers: boolean; onClose: () => void }) {
  const t = useT();
  const remove = useAct({
    act: (reason: string) =>
      take(http.DELETE('/groups/{group}', { params: { path: { group }, query: reason ? { reason } : {} } })),
    touches: [['groups'], ['lag']],
    done: () => t('groups.deleted', { group }),
    onDone: () => navigate('/groups'),
    toastErrors: false,
  });
  return (
    <ConfirmByName
      title={t('groups.deleteTitle', { group })}
      name={group}
      consequences={
        <>
          <p>{t('groups.deleteGoes')}</p>
          <p>{t('groups.deleteStays')}</p>
          {hasMembers && <p>{t('groups.deleteMembers')}</p>}
        </>
      }
      action={t('groups.delete')}
      asksReason
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={(reason) => remove.mutate(reason)}
      onClose={onClose}
    />
  );
}
