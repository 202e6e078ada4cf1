import { TriangleAlert } from 'lucide-react';

import { CopyButton } from '@/ui/CopyButton';

import css from './SecretBox.module.css';

/** A token or a password that nobody will see again. `warning` says so, and what to do with it. */
export function SecretBox({ label, secret, warning }: { label: string; secret: string; warning: string }) {
  return (
    <div className={css.root}>
      <p className={css.warning} role="status">
        <TriangleAlert size={16} aria-hidden="true" />
        {warning}
      </p>
      <div className={css.line}>
        <code aria-label={label} tabIndex={0}>
          {secret}
        </code>
        <CopyButton text={secret} />
      </div>
    </div>
  );
}
