import { useEffect, useState } from 'react';

import { http, take } from '@/api/client';
import type { ApiError } from '@/api/problem';
import { useRead } from '@/api/read';
import { useT } from '@/i18n/translate';
import { parseExact } from '@/pages/shared/exactJson';
import { Skeleton } from '@/ui/Await';
import { Button } from '@/ui/Button';
import { ErrorBox } from '@/ui/ErrorBox';
import { AreaField, SelectField, TextField } from '@/ui/Field';
import { Form } from '@/ui/Form';
import { Card } from '@/ui/Page';

import { pretty, TEMPLATE_KINDS, templateOf } from './bundle';
import { DecisionView } from './DecisionView';
import css from './requests.module.css';

export interface Draft {
  title: string;
  bundle: string;
}

const TYPING_MS = 500;

/** The same after one has stopped typing. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPING_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

/** A bundle as JSON, with what the policy makes of it while one types. */
export function BundleEditor({
  first,
  hasTemplates = false,
  error,
  isBusy,
  onSend,
}: {
  first: Draft;
  hasTemplates?: boolean;
  error: ApiError | null;
  isBusy: boolean;
  /** `key` stays the same until the draft changes, so that a repeated click counts once. */
  onSend: (draft: Draft, isDraft: boolean, key: string) => void;
}) {
  const t = useT();
  const [draft, setDraft] = useState(first);
  const [kind, setKind] = useState(TEMPLATE_KINDS[0] ?? '');
  const [key, setKey] = useState(() => crypto.randomUUID());
  const change = (values: Partial<Draft>) => {
    setDraft({ ...draft, ...values });
    setKey(crypto.randomUUID());
  };
  const isJson = parseExact(draft.bundle) !== undefined;
  const start = (chosen: string) => {
    setKind(chosen);
    change({ bundle: templateOf(chosen) });
  };
  return (
    <div className={css.split}>
      <Card title={t('requests.bundle')}>
        <Form
          onSend={() => isJson && onSend(draft, false, key)}
          error={error}
          buttons={
            <>
              <Button disabled={!isJson || isBusy} onClick={() => onSend(draft, true, key)}>
                {t('requests.keepDraft')}
              </Button>
              <Button type="submit" kind="primary" disabled={!isJson} isBusy={isBusy}>
                {t('requests.ask')}
              </Button>
            </>
          }
        >
          <TextField
            label={t('requests.titleField')}
            hint={t('requests.titleHint')}
            isOptional
            maxLength={200}
            value={draft.title}
            onValue={(title) => change({ title })}
          />
          {hasTemplates && (
            <SelectField
              label={t('requests.startFrom')}
              value={kind}
              onValue={start}
              options={TEMPLATE_KINDS.map(
                (one) => [one, t(`requests.kind.${one}` as 'requests.kind.create_topic')] as const,
              )}
            />
          )}
          <div className={css.json}>
            <AreaField
              label={t('requests.bundleJson')}
              hint={t('requests.bundleHint')}
              error={isJson ? undefined : t('requests.notJson')}
              spellCheck={false}
              value={draft.bundle}
              onValue={(bundle) => change({ bundle })}
            />
          </div>
        </Form>
      </Card>
      <Card title={t('requests.decision')}>
        <LiveDecision bundle={draft.bundle} onFix={(fixed) => change({ bundle: pretty(parseExact(fixed)) })} />
      </Card>
    </div>
  );
}

function LiveDecision({ bundle, onFix }: { bundle: string; onFix: (bundle: string) => void }) {
  const t = useT();
  const settled = useSettled(bundle);
  const isJson = parseExact(settled) !== undefined;
  const read = useRead(
    ['decision', settled],
    (signal) => take(http.POST('/requests', { body: { bundle_json: settled, dry_run: true }, signal })),
    { enabled: isJson, refresh: false },
  );
  if (!isJson) return <p className={css.soft}>{t('requests.notJson')}</p>;
  if (read.error) return <ErrorBox error={read.error} />;
  if (!read.data?.decision) return <Skeleton rows={3} />;
  return <DecisionView decision={read.data.decision} onFix={onFix} />;
}
