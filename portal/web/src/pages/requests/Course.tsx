import { useT } from '@/i18n/translate';
import { Facts } from '@/ui/Page';
import { Time } from '@/ui/values';

import { type ChangeRequest, courseOf, hasEnded, stateOf } from './request';
import css from './requests.module.css';

/** What it waits for or what became of it, before everything else. */
export function Outcome({ request }: { request: ChangeRequest }) {
  const t = useT();
  const state = stateOf(request.state);
  const texts = [
    request.reason && `${t('common.reason')}: ${request.reason}`,
    request.break_glass_reason && t('requests.glassBroken', { reason: request.break_glass_reason }),
    request.last_error && t('requests.lastError', { error: request.last_error }),
  ].filter(Boolean);
  return (
    <div className={css.note}>
      <p>
        {request.state === 'pending'
          ? t('requests.pendingFor', { who: request.missing.join(', ') })
          : (state && t(state.why)) || request.state}
      </p>
      {request.state === 'applying' && <Progress done={request.steps_done ?? 0} of={request.steps ?? 0} />}
      {texts.map((text) => (
        <p key={text as string}>{text}</p>
      ))}
    </div>
  );
}

function Progress({ done, of }: { done: number; of: number }) {
  const t = useT();
  const text = t('requests.steps', { done, of });
  return (
    <p>
      <progress max={Math.max(of, 1)} value={done} aria-label={text} /> {text}
    </p>
  );
}

/** Who did what when, and what is still missing. */
export function Course({ request }: { request: ChangeRequest }) {
  const t = useT();
  const isOver = hasEnded(request);
  return (
    <div className={css.stack}>
      <ol className={css.course}>
        {courseOf(request).map((event) => (
          <li key={`${event.at_us}${event.what}${event.as ?? ''}`}>
            <strong>{t(event.what)}</strong> {event.by}
            {event.as && <span className={css.soft}> ({event.as})</span>}
            <div className={css.soft}>
              <Time us={event.at_us} />
            </div>
          </li>
        ))}
        {!isOver &&
          request.missing.map((who) => (
            <li key={who}>
              <strong>{t('requests.stillMissing')}</strong> {who}
            </li>
          ))}
      </ol>
      <Facts
        of={[
          [t('requests.version'), request.version],
          [t('requests.lastChange'), <Time key="c" us={request.changed_at_us} />],
          [t('requests.expires'), request.expires_at_us && <Time key="e" us={request.expires_at_us} />],
        ]}
      />
    </div>
  );
}
