import { Check, CircleAlert, Info, X } from 'lucide-react';

import { useT } from '@/i18n/translate';
import { useStore } from '@/lib/store';

import { Button, IconButton } from './Button';
import { CopyButton } from './CopyButton';
import css from './Toasts.module.css';
import { dismiss, type Toast, toasts } from './toast';

const signs = { good: Check, bad: CircleAlert, info: Info };

function One({ toast }: { toast: Toast }) {
  const t = useT();
  const Sign = signs[toast.tone];
  return (
    <li className={`${css.toast} ${css[toast.tone]}`}>
      <Sign size={17} aria-hidden="true" className={css.sign} />
      <div className={css.text}>
        {toast.text}
        {toast.error?.requestId && <div className={css.id}>{t('common.requestId', { id: toast.error.requestId })}</div>}
      </div>
      {toast.action && (
        <Button
          isSmall
          onClick={() => {
            toast.action?.act();
            dismiss(toast.id);
          }}
        >
          {toast.action.label}
        </Button>
      )}
      {toast.error && <CopyButton text={toast.error.toText()} label={t('common.copyDetails')} />}
      <IconButton isSmall label={t('common.close')} icon={<X size={15} />} onClick={() => dismiss(toast.id)} />
    </li>
  );
}

/** Once, in the shell. */
export function Toasts() {
  const shown = useStore(toasts);
  return (
    <div role="status" aria-live="polite">
      <ol className={css.toasts}>
        {shown.map((toast) => (
          <One key={toast.id} toast={toast} />
        ))}
      </ol>
    </div>
  );
}
