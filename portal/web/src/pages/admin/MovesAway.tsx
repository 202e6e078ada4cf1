import { useState } from 'react';

import { http, take } from '@/api/client';
import { useAct, useRead } from '@/api/read';
import { useT } from '@/i18n/translate';
import { Button, ButtonLink } from '@/ui/Button';
import { ConfirmByName } from '@/ui/ConfirmByName';
import { ErrorBox } from '@/ui/ErrorBox';
import { Card } from '@/ui/Page';
import { useNeeds } from '@/pages/shared/who';

import css from './admin.module.css';

/** How far the evacuation of a node is; nothing while nothing moves away from it. */
export function MovesAway({ name }: { name: string }) {
  const t = useT();
  const needs = useNeeds();
  const [isCancel, setCancel] = useState(false);
  const read = useRead(['moves', 'nodes'], (signal) =>
    take(http.GET('/moves', { params: { query: { limit: 1 } }, signal })),
  );
  const cancel = useAct({
    act: (reason: string) =>
      take(http.POST('/moves:cancel', { params: { query: reason ? { reason } : {} }, body: { node: name } })),
    touches: [['moves'], ['nodes']],
    done: (answer) => t('admin.takenBack', { n: answer.moves.filter((move) => !move.error).length }),
    onDone: () => setCancel(false),
    toastErrors: false,
  });
  const moving = read.data?.nodes.find(({ node }) => node === name);
  if (read.error && !read.data) return <ErrorBox error={read.error} title={t('admin.noMoves')} />;
  if (!moving) return null;
  return (
    <Card
      title={t('admin.evacuating')}
      actions={
        <>
          <ButtonLink isSmall to="/admin/moves">
            {t('admin.seeMoves')}
          </ButtonLink>
          <Button isSmall {...needs('operator')} onClick={() => setCancel(true)}>
            {t('admin.cancelAll')}
          </Button>
        </>
      }
    >
      <div className={css.progress} role="status">
        {t('admin.left', { n: moving.partitions_left, moving: moving.moves_left })}
      </div>
      {isCancel && (
        <ConfirmByName
          title={t('admin.cancelAll')}
          name={name}
          consequences={<p>{t('admin.cancelAllWhat')}</p>}
          action={t('admin.cancelAll')}
          asksReason
          isBusy={cancel.isPending}
          error={cancel.error}
          onConfirm={(reason) => cancel.mutate(reason)}
          onClose={() => setCancel(false)}
        />
      )}
    </Card>
  );
}
