import { useT } from '@/i18n/translate';
import { Badge } from '@/ui/Badge';
import { Bytes, Num } from '@/ui/values';

import { COUNTED, type Field, isBytes, isRate, RATES, shareOf, type TeamQuotaUse, toneOf } from './quota';
import css from './quotas.module.css';

/** An amount of a field, in its unit. */
export function Amount({ field, value }: { field: Field; value: string }) {
  return (
    <>
      {isBytes(field) ? <Bytes value={value} /> : <Num value={value} />}
      {isRate(field) && <span className={css.soft}>/s</span>}
    </>
  );
}

/** How much of a limit is used: a bar, the numbers, and a word when it gets tight. */
export function UseBar({ field, used, limit }: { field: Field; used: string; limit: string | undefined }) {
  const t = useT();
  const share = shareOf(used, limit);
  const tone = toneOf(share);
  return (
    <div className={css.use}>
      <span className={css.numbers}>
        <Amount field={field} value={used} />
        <span className={css.soft}>
          {' '}
          / {limit === undefined ? t('quotas.unlimited') : <Amount field={field} value={limit} />}
        </span>
        {tone && <Badge tone={tone.tone}>{t(tone.text)}</Badge>}
      </span>
      {share !== null && (
        <meter
          className={css.meter}
          min={0}
          max={100}
          high={80}
          value={Math.min(share, 100)}
          aria-label={`${t(`quotas.${field}`)}: ${share}%`}
        />
      )}
    </div>
  );
}

/** Everything of one team. */
export function QuotaUse({ use }: { use: TeamQuotaUse }) {
  const t = useT();
  return (
    <dl className={css.list}>
      {COUNTED.map((field) => (
        <div key={field}>
          <dt>{t(`quotas.${field}`)}</dt>
          <dd>
            <UseBar field={field} used={use[field]} limit={use.quota[field]} />
          </dd>
        </div>
      ))}
      {RATES.map((field) => {
        const limit = use.quota[field];
        return (
          <div key={field}>
            <dt>{t(`quotas.${field}`)}</dt>
            <dd>
              {limit === undefined ? (
                <span className={css.soft}>{t('quotas.unlimited')}</span>
              ) : (
                <Amount field={field} value={limit} />
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
