import { useT } from '@/i18n/translate';
import { Time } from '@/ui/values';

import { hasEnd, type Pause } from './lagRow';
import { Note } from './Section';

const NAMED_MAX = 6;

/** That it is paused is seen on every page of the group: why, since nobody remembers, and until when. */
export function PauseNotes({ pauses }: { pauses: Pause[] }) {
  const t = useT();
  return (
    <>
      {pauses.map((pause) => (
        <Note key={`${pause.until_us} ${pause.reason}`}>
          <p>
            <strong>{t('groups.isPaused', { n: pause.partitions.length })}</strong>{' '}
            {hasEnd(pause.until_us) ? (
              <>
                {t('groups.resumesBySelf')} <Time us={pause.until_us} />
              </>
            ) : (
              t('groups.untilResumed')
            )}
          </p>
          {pause.reason && <p>{t('groups.pauseReason', { reason: pause.reason })}</p>}
          <p>
            {pause.partitions.slice(0, NAMED_MAX).join(', ')}
            {pause.partitions.length > NAMED_MAX && ' …'}
          </p>
        </Note>
      ))}
    </>
  );
}
