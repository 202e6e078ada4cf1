import { useState } from 'react';

import { http, take } from '@/api/client';
import { useRead } from '@/api/read';
import { useT } from '@/i18n/translate';
import { JsonDiff } from '@/pages/shared/JsonDiff';
import { COMMAS } from '@/pages/shared/query';
import { Badge } from '@/ui/Badge';
import { Button } from '@/ui/Button';
import { ErrorBox } from '@/ui/ErrorBox';
import { Card } from '@/ui/Page';

import {
  afterwards,
  type Change,
  changesOfBundle,
  effectOf,
  foundIn,
  nameOfChange,
  principalOf,
  stateKindOf,
  stateWish,
} from './bundle';
import { type ChangeRequest, hasEnded } from './request';
import css from './requests.module.css';

const SHOWN = 20;
const tones = { makes: 'good', changes: 'info', deletes: 'bad' } as const;

/** What there is of what the changes are about; undefined while it is not known, or not of interest any more. */
function useStateNow(changes: Change[], isWanted: boolean) {
  const wish = isWanted ? stateWish(changes) : null;
  const read = useRead(
    ['state', wish],
    (signal) => take(http.GET('/state', { params: { query: wish ?? {} }, querySerializer: COMMAS, signal })),
    { enabled: wish !== null },
  );
  return {
    error: read.error,
    state: wish && read.data ? (changesOfBundle(read.data.bundle_json) ?? undefined) : undefined,
  };
}

/** The bundle as a diff against what there is; of what has ended, what was asked for. */
export function ChangesCard({ request }: { request: ChangeRequest }) {
  const t = useT();
  const [isAll, setAll] = useState(false);
  const changes = changesOfBundle(request.bundle_json) ?? [];
  const { state, error } = useStateNow(changes, !hasEnded(request));
  const shown = isAll ? changes : changes.slice(0, SHOWN);
  return (
    <Card title={t('requests.changesTitle', { n: changes.length })} isFlush>
      {error && <ErrorBox error={error} title={t('requests.noComparison')} />}
      {shown.map((change, i) => (
        <ChangeView key={i} change={change} state={state} />
      ))}
      {changes.length > shown.length && (
        <div className={css.change}>
          <Button onClick={() => setAll(true)}>{t('requests.showAll', { n: changes.length })}</Button>
        </div>
      )}
    </Card>
  );
}

function ChangeView({ change, state }: { change: Change; state: Change[] | undefined }) {
  const t = useT();
  const before = state && foundIn(state, change);
  const effect = effectOf(change);
  const after = state ? afterwards(change, before) : effect === 'deletes' ? undefined : change.fields;
  const principal = principalOf(change);
  const title = `${change.kind} ${nameOfChange(change)}`;
  return (
    <section className={css.change}>
      <h3>
        <Badge tone={tones[effect]}>{t(`requests.effect.${effect}`)}</Badge>
        <code>{change.kind}</code> {nameOfChange(change)}
        {change.fields.is_prefix === true && '*'}
        {principal && <span className={css.soft}>→ {principal}</span>}
      </h3>
      {effect === 'deletes' && stateKindOf(change) === 'topic' && (
        <p className={css.soft}>{t('requests.withMessages')}</p>
      )}
      {before === undefined && after === undefined ? (
        <p className={css.soft}>{t(state ? 'requests.isGone' : 'requests.deletesIt')}</p>
      ) : (
        <JsonDiff before={before} after={after} caption={title} />
      )}
    </section>
  );
}
