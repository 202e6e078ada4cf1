import { useState } from 'react';

import { http, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { ReasonField } from '@/pages/shared/ReasonField';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { CheckField, SelectField, TextField } from '@/ui/Field';
import { Form } from '@/ui/Form';

import { type DataNode, type NodeState, stateOf, STATES } from './node';

type Change = { state?: NodeState; user?: string; password?: string };

function useAlter(node: DataNode, onClose: () => void) {
  const t = useT();
  return useAct({
    act: ({ change, reason }: { change: Change; reason: string }) =>
      take(
        http.PATCH('/nodes/{name}', {
          params: { path: { name: node.name }, query: reason ? { reason } : {} },
          body: change,
        }),
      ),
    touches: [['nodes']],
    done: () => t('admin.altered', { name: node.name }),
    onDone: onClose,
    toastErrors: false,
  });
}

/** Writable, closed (what there is stays, nothing new comes) or disabled. */
export function StateDialog({ node, onClose }: { node: DataNode; onClose: () => void }) {
  const t = useT();
  const [state, setState] = useState<NodeState>(node.state);
  const [reason, setReason] = useState('');
  const act = useAlter(node, onClose);
  const known = stateOf(state);
  return (
    <Dialog title={t('admin.changeStateOf', { name: node.name })} onClose={onClose}>
      <Form
        onSend={() => act.mutate({ change: { state }, reason })}
        error={act.error}
        buttons={
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button
              type="submit"
              kind={state === 'DISABLED' ? 'danger' : 'primary'}
              disabled={state === node.state}
              isBusy={act.isPending}
            >
              {t('common.save')}
            </Button>
          </>
        }
      >
        <SelectField
          label={t('people.state')}
          hint={known && t(known.why)}
          value={state}
          onValue={(chosen) => setState(chosen as NodeState)}
          options={STATES.map((one) => [one, t(stateOf(one).text)] as const)}
        />
        <ReasonField value={reason} onValue={setReason} />
      </Form>
    </Dialog>
  );
}

/** How servers sign in there: an own login, kept encrypted, or the one in their files. */
export function LoginDialog({ node, onClose }: { node: DataNode; onClose: () => void }) {
  const t = useT();
  const [isOwn, setOwn] = useState(true);
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [reason, setReason] = useState('');
  const act = useAlter(node, onClose);
  const change = isOwn ? { user, password } : { user: '', password: '' };
  return (
    <Dialog title={t('admin.changeLoginOf', { name: node.name })} onClose={onClose}>
      <Form
        onSend={() => (isOwn && user === '' ? undefined : act.mutate({ change, reason }))}
        error={act.error}
        buttons={
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" kind="primary" disabled={isOwn && user === ''} isBusy={act.isPending}>
              {t('common.save')}
            </Button>
          </>
        }
      >
        <CheckField label={t('admin.ownLogin')} hint={t('admin.ownLoginHint')} isOn={isOwn} onChange={setOwn} />
        {isOwn && (
          <>
            <TextField label={t('admin.user')} value={user} onValue={setUser} autoComplete="off" />
            <TextField
              label={t('people.password')}
              type="password"
              autoComplete="new-password"
              value={password}
              onValue={setPassword}
            />
          </>
        )}
        <ReasonField value={reason} onValue={setReason} />
      </Form>
    </Dialog>
  );
}
