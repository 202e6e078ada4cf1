import { useEffect, useRef, useState } from 'react';

import { http, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { commandLine, saveFile } from '@/lib/clipboard';
import { exact } from '@/lib/format';
import { Button } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { Dialog } from '@/ui/Dialog';
import { Form } from '@/ui/Form';

import { type AuditState, EXPORT_MAX, fileName, flagsOf, queryOf, readAll, toLines } from './audit';
import css from './audit.module.css';

const PAGE = 1_000;

/** Reads all that the filters find and saves it; says what is not in it. */
export function ExportDialog({ state, onClose }: { state: AuditState; onClose: () => void }) {
  const t = useT();
  const [count, setCount] = useState(0);
  const stop = useRef(new AbortController());
  useEffect(() => {
    const { current } = stop;
    return () => current.abort();
  }, []);
  const act = useAct({
    act: () => {
      const query = queryOf(state, Date.now());
      const { signal } = stop.current;
      return readAll(
        (cursor) =>
          take(http.GET('/audit', { params: { query: { ...query, limit: PAGE, ...(cursor && { cursor }) } }, signal })),
        setCount,
      );
    },
    onDone: ({ events }) => saveFile(fileName(events), toLines(events), 'application/jsonl'),
    toastErrors: false,
  });
  return (
    <Dialog title={t('audit.export')} onClose={onClose}>
      <Form
        onSend={() => act.mutate(undefined)}
        error={act.error}
        buttons={
          <>
            <Button onClick={onClose}>{act.isSuccess ? t('common.close') : t('common.cancel')}</Button>
            {!act.isSuccess && (
              <Button type="submit" kind="primary" isBusy={act.isPending}>
                {t('audit.exportNow')}
              </Button>
            )}
          </>
        }
      >
        <p>{t('audit.exportWhat', { max: exact(EXPORT_MAX) })}</p>
        <Command text={`${commandLine('audit', 'export', ...flagsOf(state))} > audit.jsonl`} />
        {(act.isPending || act.isSuccess) && (
          <p role="status">
            {t(act.isSuccess ? 'audit.exported' : 'audit.exporting', { n: exact(act.data?.events.length ?? count) })}
          </p>
        )}
        {act.data?.isCut && <p className={css.warning}>{t('audit.cut', { max: exact(EXPORT_MAX) })}</p>}
        {act.data && act.data.unreachable.length > 0 && (
          <p className={css.warning}>{t('audit.unreachable', { nodes: act.data.unreachable.join(', ') })}</p>
        )}
      </Form>
    </Dialog>
  );
}
