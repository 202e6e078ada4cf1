import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { http, ifMatch, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { ReasonField } from '@/pages/shared/ReasonField';
import { Notice } from '@/pages/topics/Notice';
import { navigate, pathTo } from '@/lib/location';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { TextField } from '@/ui/Field';
import { Form } from '@/ui/Form';

import { MembersField } from './MembersField';
import { hasNoLead, isAccessName, type Team, versionTag } from './team';

/** Makes a team, or changes one. */
export function TeamDialog({ team, onClose }: { team?: Team; onClose: () => void }) {
  const t = useT();
  // What it was when the dialog was opened: others may change it meanwhile.
  const [seen, setSeen] = useState(team);
  const [values, setValues] = useState<Team>(team ?? { name: '', members: [] });
  const [reason, setReason] = useState('');
  const [isTried, setTried] = useState(false);
  const set = (change: Partial<Team>) => setValues({ ...values, ...change });
  const members = values.members ?? [];
  const act = useAct({
    act: () =>
      take(
        http.PUT('/teams/{name}', {
          params: {
            path: { name: values.name },
            query: reason ? { reason } : {},
            header: ifMatch(versionTag(seen)),
          },
          body: {
            ...values,
            version: undefined,
            description: values.description || undefined,
            oncall_route: values.oncall_route || undefined,
          },
        }),
      ),
    touches: [['teams'], ['quotas'], ['state']],
    done: () => t('teams.saved', { name: values.name }),
    onDone: () => {
      onClose();
      if (!team) navigate(pathTo('/teams/:name', { name: values.name }));
    },
    toastErrors: false,
  });
  const client = useQueryClient();
  const send = () => {
    setTried(true);
    if (!isAccessName(values.name)) return;
    act.mutate(undefined, {
      // What it is now is read at once, for who wants to begin again from there.
      onError: ({ status }) => status === 409 && void client.invalidateQueries({ queryKey: ['teams'] }),
    });
  };
  const isChanged = team !== undefined && seen !== undefined && team.version !== seen.version;
  const beginAgain = () => {
    act.reset();
    setSeen(team);
    if (team) setValues(team);
  };
  const isTaken = !team && act.error?.status === 409;
  const nameFault = isTaken
    ? t('teams.nameTaken')
    : isTried && !isAccessName(values.name)
      ? t('teams.nameRule')
      : act.error?.faultOf('/name');
  return (
    <Dialog title={team ? t('teams.edit', { name: team.name }) : t('teams.new')} onClose={onClose}>
      <Form
        onSend={send}
        error={act.error}
        buttons={
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" kind="primary" isBusy={act.isPending}>
              {team ? t('common.save') : t('common.create')}
            </Button>
          </>
        }
      >
        {isChanged && (
          <div>
            <Notice tone="warn">{t('teams.changedMeanwhile')}</Notice>
            <Button isSmall onClick={beginAgain}>
              {t('teams.beginAgain')}
            </Button>
          </div>
        )}
        {!team && (
          <TextField
            label={t('teams.name')}
            hint={t('teams.nameRule')}
            value={values.name}
            onValue={(name) => set({ name })}
            error={nameFault}
            maxLength={100}
            autoFocus
          />
        )}
        <TextField
          label={t('teams.description')}
          isOptional
          value={values.description ?? ''}
          onValue={(description) => set({ description })}
        />
        <TextField
          label={t('teams.oncall')}
          hint={t('teams.oncallHint')}
          isOptional
          value={values.oncall_route ?? ''}
          onValue={(oncall_route) => set({ oncall_route })}
        />
        <MembersField members={members} onMembers={(changed) => set({ members: changed })} />
        {hasNoLead(members) && <p role="status">{t('teams.noLead')}</p>}
        <ReasonField value={reason} onValue={setReason} />
      </Form>
    </Dialog>
  );
}
