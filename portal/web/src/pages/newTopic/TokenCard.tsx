import { KeyRound } from 'lucide-react';
import { useState } from 'react';

import { http, take } from '@/api/client';
import { useAct, useRead } from '@/api/read';
import { nameOf, useSession } from '@/api/session';
import { useT } from '@/i18n/translate';
import { Button } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { SelectField } from '@/ui/Field';
import { Form } from '@/ui/Form';
import { Card } from '@/ui/Page';

import { HiddenNote } from '../shared/HiddenNote';
import { Notice } from '../topics/Notice';
import { useOwner } from '../teams/ownership';
import { useAccess } from '../topics/topicData';

import css from './NewTopic.module.css';
import { TOKEN_FILE } from './snippets';

const DAY_S = 86_400;
const DAYS = ['7', '30', '90'];

/**
 * A token for one's own programs, or, by administrators, for a service of the team. It is shown once. Services read what
 * they consume; to people, and so to their tokens, contents are hidden without the right to peek.
 */
export function TokenCard({ topic }: { topic: string }) {
  const t = useT();
  const session = useSession().data;
  const person = session?.principal?.startsWith('person:') ? nameOf(session.principal) : '';
  const isAdmin = session?.role === 'admin';
  const owner = useOwner('topic', topic);
  const services = useRead(
    ['services', 'of', owner.data],
    async (signal) => {
      const { services: all } = await take(http.GET('/services', { params: { query: { limit: 1_000 } }, signal }));
      return all.filter((one) => one.team === owner.data && !one.disabled).map((one) => one.name);
    },
    { enabled: isAdmin && typeof owner.data === 'string', refresh: false },
  );
  const access = useAccess(topic);
  const [who, setWho] = useState('');
  const [days, setDays] = useState('30');
  const act = useAct({
    act: () => {
      const expires_in_s = String(Number(days) * DAY_S);
      const note = topic;
      const body =
        who === '' ? { service_name: '', person, expires_in_s, note } : { service_name: who, expires_in_s, note };
      return take(http.POST('/tokens', { body }));
    },
    touches: [['tokens']],
    toastErrors: false,
  });
  const people = person === '' ? [] : [['', t('newTopic.tokenMine', { person })] as const];
  const options = [...people, ...(services.data ?? []).map((name) => [name, `service:${name}`] as const)];
  // Not while the rights to a new topic are still on their way.
  const isHidden = who === '' && person !== '' && access?.produce.isAllowed && !access.peek.isAllowed;
  const hiding = isHidden && <HiddenNote topic={topic} why={access.peek.because} text={t('newTopic.tokenHides')} />;
  return (
    <Card title={t('newTopic.token')}>
      {act.data ? (
        <div className={css.stack}>
          <Notice tone="warn">{t('newTopic.tokenOnce')}</Notice>
          <Command text={act.data.secret} />
          <p className={css.soft}>{t('newTopic.tokenFile', { file: TOKEN_FILE })}</p>
          {hiding}
        </div>
      ) : (
        <Form
          onSend={() => act.mutate(undefined)}
          error={act.error}
          buttons={
            <Button
              type="submit"
              isBusy={act.isPending}
              icon={<KeyRound size={15} aria-hidden="true" />}
              disabled={options.length === 0}
            >
              {t('newTopic.tokenMake')}
            </Button>
          }
        >
          <p className={css.soft}>{t('newTopic.tokenLead')}</p>
          {hiding}
          <div className={css.pair}>
            <SelectField label={t('newTopic.tokenFor')} value={who} options={options} onValue={setWho} />
            <SelectField
              label={t('newTopic.tokenDays')}
              value={days}
              options={DAYS.map((n) => [n, t('newTopic.days', { n })] as const)}
              onValue={setDays}
            />
          </div>
        </Form>
      )}
    </Card>
  );
}
