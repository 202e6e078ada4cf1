import { useState } from 'react';

import { http, take } from '@/api/client';
import { useAct, useRead } from '@/api/read';
import { useT } from '@/i18n/translate';
import { exact } from '@/lib/format';
import { Await } from '@/ui/Await';
import { ConfirmByName } from '@/ui/ConfirmByName';
import { SelectField, TextField } from '@/ui/Field';

import css from './admin.module.css';
import { outlookOf, paceFrom } from './move';

/** Moves every partition off a data node: what would move and where it would not fit, then the name typed by hand. */
export function EvacuateDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const t = useT();
  const [target, setTarget] = useState('');
  const [pace, setPace] = useState('');
  const bytes_per_second = paceFrom(pace);
  const wish = {
    evacuate_node: name,
    ...(target && { targets: [target] }),
    ...(bytes_per_second && { bytes_per_second }),
  };
  const nodes = useRead(
    ['nodes', 'names'],
    (signal) => take(http.GET('/nodes', { params: { query: { limit: 1000 } }, signal })),
    {
      refresh: false,
    },
  );
  const outlook = useRead(
    ['moves', 'outlook', wish],
    (signal) => take(http.POST('/moves', { body: { ...wish, dry_run: true }, signal })),
    { refresh: false },
  );
  const act = useAct({
    act: (reason: string) => take(http.POST('/moves', { params: { query: reason ? { reason } : {} }, body: wish })),
    touches: [['moves'], ['nodes']],
    done: (answer) => t('admin.begun', { n: outlookOf(answer.moves).movable }),
    onDone: onClose,
    toastErrors: false,
  });
  const targets = (nodes.data?.nodes ?? []).filter((node) => node.name !== name && node.state === 'WRITABLE');
  return (
    <ConfirmByName
      title={t('admin.evacuateTitle', { name })}
      name={name}
      consequences={
        <div className={css.stack}>
          <p>{t('admin.evacuateWhat')}</p>
          <SelectField
            label={t('admin.target')}
            value={target}
            onValue={setTarget}
            options={[['', t('admin.anyTarget')] as const, ...targets.map((node) => [node.name, node.name] as const)]}
          />
          <TextField
            label={t('admin.pace')}
            hint={t('admin.paceHint')}
            isOptional
            inputMode="decimal"
            value={pace}
            onValue={setPace}
            error={bytes_per_second === null ? t('admin.paceHint') : undefined}
          />
          <Await read={outlook}>{({ moves }) => <OutlookText moves={moves} />}</Await>
        </div>
      }
      action={t('admin.evacuate')}
      asksReason
      isBusy={act.isPending}
      error={act.error}
      onConfirm={(reason) => bytes_per_second !== null && act.mutate(reason)}
      onClose={onClose}
    />
  );
}

function OutlookText({ moves }: { moves: Parameters<typeof outlookOf>[0] }) {
  const t = useT();
  const { movable, refused } = outlookOf(moves);
  return (
    <div role="status">
      <p>{t('admin.wouldMove', { n: exact(movable) })}</p>
      {refused.map(([message, count]) => (
        <p key={message} className={css.warning}>
          {t('admin.wouldNot', { n: exact(count) })} {message}
        </p>
      ))}
    </div>
  );
}
