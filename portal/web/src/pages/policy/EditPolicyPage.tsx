import { useState } from 'react';

import { http, ifMatch, take, takeTagged } from '@/api/client';
import { useAct, useRead } from '@/api/read';
import { useT } from '@/i18n/translate';
import { ReasonField } from '@/pages/shared/ReasonField';
import { navigate } from '@/lib/location';
import { pretty } from '@/pages/requests/bundle';
import css from '@/pages/requests/requests.module.css';
import { JsonDiff } from '@/pages/shared/JsonDiff';
import { Await } from '@/ui/Await';
import { Button, ButtonLink } from '@/ui/Button';
import { AreaField } from '@/ui/Field';
import { Form } from '@/ui/Form';
import { Link } from '@/ui/Link';
import { Card, Page } from '@/ui/Page';

import { type Policy, policyOf } from './policy';

/** The policy as a document. What it becomes is beside it, before it is set. */
export default function EditPolicyPage() {
  const t = useT();
  const read = useRead(['policy', 'edit'], (signal) => takeTagged(http.GET('/policy', { signal })), { refresh: false });
  return (
    <Page
      title={t('policy.edit')}
      lead={t('policy.editLead')}
      above={<Link to="/admin/policy">{t('policy.title')}</Link>}
    >
      <Await read={read}>
        {({ value, etag }) => <Editor key={etag} before={policyOf(value.policy_json) ?? {}} etag={etag} />}
      </Await>
    </Page>
  );
}

function Editor({ before, etag }: { before: Policy; etag: string }) {
  const t = useT();
  const [text, setText] = useState(() => pretty(before));
  const [reason, setReason] = useState('');
  const after = policyOf(text);
  const act = useAct({
    // As it was typed: what is read here may have lost a digit or a double key.
    act: () =>
      take(
        http.PUT('/policy', {
          params: { header: ifMatch(etag), query: reason ? { reason } : {} },
          body: { policy_json: text },
        }),
      ),
    touches: [['policy'], ['decision']],
    done: (answer) => t('policy.saved', { n: answer.version }),
    onDone: () => navigate('/admin/policy'),
    toastErrors: false,
  });
  return (
    <div className={css.split}>
      <Card title={t('policy.document')}>
        <Form
          onSend={() => after && act.mutate(undefined)}
          error={act.error}
          buttons={
            <>
              <ButtonLink to="/admin/policy">{t('common.cancel')}</ButtonLink>
              <Button type="submit" kind="primary" disabled={!after} isBusy={act.isPending}>
                {t('policy.set')}
              </Button>
            </>
          }
        >
          <div className={css.json}>
            <AreaField
              label={t('policy.json')}
              hint={t('policy.jsonHint')}
              error={after ? undefined : t('requests.notJson')}
              spellCheck={false}
              value={text}
              onValue={setText}
            />
          </div>
          <ReasonField value={reason} onValue={setReason} />
        </Form>
      </Card>
      <Card title={t('policy.becomes')}>
        {after ? (
          <JsonDiff before={before} after={after} caption={t('policy.becomes')} />
        ) : (
          <p className={css.soft}>{t('requests.notJson')}</p>
        )}
      </Card>
    </div>
  );
}
