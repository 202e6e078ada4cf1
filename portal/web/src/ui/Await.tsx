import type { ReactNode } from 'react';

import { ApiError } from '@/api/problem';
import type { Read } from '@/api/read';
import { useT } from '@/i18n/translate';
import { relative } from '@/lib/format';
import { useNow } from '@/lib/now';
import { useSettings } from '@/lib/settings';

import css from './Await.module.css';
import { ErrorBox } from './ErrorBox';

/** Grey lines in the place of what comes. `rows` as tall as that will be, so that nothing jumps. */
export function Skeleton({ rows = 3 }: { rows?: number }) {
  const t = useT();
  return (
    <div className={css.skeleton} role="status" aria-label={t('common.loading')}>
      {Array.from({ length: rows }, (_, i) => (
        <span key={i} className={css.bar} />
      ))}
    </div>
  );
}

/** What could not be read lately is shown all the same, and since when it is so. */
export function Stale({ read }: { read: { error: ApiError | null; dataUpdatedAt: number; refetch: () => unknown } }) {
  const t = useT();
  const now = useNow();
  const { language } = useSettings();
  if (!read.error) return null;
  const when = relative(read.dataUpdatedAt, now, language);
  return (
    <ErrorBox
      error={read.error}
      title={`${t('common.failedPart')} · ${t('common.staleSince', { when })}`}
      onRetry={() => void read.refetch()}
    />
  );
}

/** What was read: a skeleton before, the error if there is nothing else, a note if it is out of date. */
export function Await<T>({
  read,
  children,
  skeleton,
}: {
  read: Read<T>;
  children: (data: T) => ReactNode;
  skeleton?: ReactNode;
}) {
  if (read.data !== undefined) {
    return (
      <>
        <Stale read={read} />
        {children(read.data as T)}
      </>
    );
  }
  if (read.error) return <ErrorBox error={read.error} onRetry={() => void read.refetch()} />;
  return <>{skeleton ?? <Skeleton />}</>;
}
