import { CircleAlert } from 'lucide-react';

import { ApiError } from '@/api/problem';
import { useT } from '@/i18n/translate';

import { Button } from './Button';
import { CopyButton } from './CopyButton';
import css from './ErrorBox.module.css';

/** What went wrong, in the server's words, with the request's id and a copy for a ticket. */
export function ErrorBox({ error, title, onRetry }: { error: Error; title?: string; onRetry?: () => void }) {
  const t = useT();
  const api = error instanceof ApiError ? error : undefined;
  return (
    <div className={css.box} role="alert">
      <CircleAlert size={18} aria-hidden="true" className={css.sign} />
      <div className={css.text}>
        <strong>{title ?? t('common.failed')}</strong>
        <p>{api?.status === 0 ? t('common.unreachable') : error.message}</p>
        {api && api.faults.length > 0 && (
          <ul>
            {api.faults.map((fault) => (
              <li key={fault.pointer}>
                <code>{fault.pointer}</code> {fault.detail}
              </li>
            ))}
          </ul>
        )}
        {api && api.status !== 0 && (
          <p className={css.id}>
            {api.code}
            {api.requestId && <> · {t('common.requestId', { id: api.requestId })}</>}
          </p>
        )}
      </div>
      <div className={css.actions}>
        <CopyButton text={api?.toText() ?? String(error)} label={t('common.copyDetails')} />
        {onRetry && (
          <Button isSmall onClick={onRetry}>
            {t('common.retry')}
          </Button>
        )}
      </div>
    </div>
  );
}
