import { type Key, useT } from '@/i18n/translate';
import { CopyButton } from '@/ui/CopyButton';

import css from './Letter.module.css';
import type { Payload } from './payload';

const kinds: Record<Payload['kind'], Key> = {
  none: 'deadLetters.kindNone',
  json: 'deadLetters.kindJson',
  text: 'deadLetters.kindText',
  binary: 'deadLetters.kindBinary',
};

/** A key, a header or a body: what it is, what it says, and a copy. */
export function PayloadView({ title, payload }: { title: string; payload: Payload }) {
  const t = useT();
  return (
    <div>
      <div className={css.head}>
        <h3>
          {title} <span className={css.kind}>{t(kinds[payload.kind])}</span>
        </h3>
        {payload.text && <CopyButton text={payload.text} />}
      </div>
      {payload.text && (
        <pre className={css.text} tabIndex={0} aria-label={title}>
          {payload.text}
        </pre>
      )}
    </div>
  );
}
