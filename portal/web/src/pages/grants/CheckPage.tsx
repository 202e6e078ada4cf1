import { useState } from 'react';

import { http, take } from '@/api/client';
import { useRead } from '@/api/read';
import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { useUrlState } from '@/lib/urlState';
import { useWho } from '@/pages/shared/who';
import { Await } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { Button } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { SelectField, TextField } from '@/ui/Field';
import { Form } from '@/ui/Form';
import { Card, Page } from '@/ui/Page';

import { AccessTabs } from './AccessTabs';
import { ACTIONS, kindOf } from './grant';
import css from './grants.module.css';

const URL_STATE = { principal: '', kind: 'topic', name: '', action: 'consume' };

/** May somebody do this, and why: the question is in the URL, to be sent to whoever asks. */
export default function CheckPage() {
  const t = useT();
  const who = useWho();
  const [asked, ask] = useUrlState(URL_STATE);
  const [values, setValues] = useState(asked);
  const set = (change: Partial<typeof values>) => setValues({ ...values, ...change });
  const kind = kindOf(values.kind);
  const actions = ACTIONS[kind];
  const action = actions.includes(values.action) ? values.action : 'consume';
  const read = useRead(
    ['access', asked],
    (signal) => {
      const { principal, ...about } = asked;
      return take(
        http.GET('/access:explain', { params: { query: { ...about, ...(principal && { principal }) } }, signal }),
      );
    },
    { enabled: asked.name !== '' },
  );
  const flags = [
    asked.kind === 'group' ? '--group' : '--topic',
    asked.name,
    ...(asked.principal ? ['--principal', asked.principal] : []),
  ];
  return (
    <Page title={t('grants.check')} lead={t('grants.checkLead')}>
      <AccessTabs />
      <Card>
        <Form
          onSend={() => ask({ ...values, action, name: values.name.trim(), principal: values.principal.trim() })}
          buttons={
            <Button type="submit" kind="primary" disabled={values.name.trim() === ''}>
              {t('grants.ask1')}
            </Button>
          }
        >
          <div className={css.row}>
            <TextField
              label={t('grants.who')}
              hint={t(who.mayOperate ? 'grants.checkHint' : 'grants.checkOwnHint')}
              isOptional
              placeholder={who.principal}
              value={values.principal}
              onValue={(principal) => set({ principal })}
            />
            <SelectField
              label={t('grants.action')}
              value={action}
              onValue={(chosen) => set({ action: chosen })}
              options={actions.map((one) => [one, one] as const)}
            />
            <SelectField
              label={t('grants.kind')}
              value={kind}
              onValue={(chosen) => set({ kind: chosen })}
              options={[
                ['topic', t('grants.topic')],
                ['group', t('grants.group')],
              ]}
            />
            <TextField label={t('grants.object')} value={values.name} onValue={(name) => set({ name })} />
          </div>
        </Form>
      </Card>
      {asked.name !== '' && (
        <Card title={t('grants.answer')}>
          <Await read={read}>
            {(answer) => (
              <div className={css.answer} role="status">
                <Badge tone={answer.is_allowed ? 'good' : 'bad'}>
                  {t(answer.is_allowed ? 'grants.allowed' : 'grants.refused')}
                </Badge>
                <span>{answer.because}</span>
              </div>
            )}
          </Await>
        </Card>
      )}
      {asked.name !== '' && <Command text={commandLine('acl', 'check', asked.action, ...flags)} />}
    </Page>
  );
}
