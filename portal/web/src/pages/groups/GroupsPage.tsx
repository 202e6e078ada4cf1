import { useT } from '@/i18n/translate';
import { useUrlState } from '@/lib/urlState';
import { Page } from '@/ui/Page';

import { Choice } from './Choice';
import { LagList } from './LagList';
import { MemberList } from './MemberList';

// What the lists keep in the URL does not mean the same in the other one.
const STATE = { view: 'lag', q: '', sort: '', cursor: '', at: 0, trouble: false, owner: '', state: '' };

export default function GroupsPage() {
  const t = useT();
  const [{ view }, change] = useUrlState(STATE);
  const isLag = view !== 'members';
  const look = (to: 'lag' | 'members') => change({ ...STATE, view: to });
  return (
    <Page
      title={t('groups.title')}
      lead={t(isLag ? 'groups.lead' : 'groups.leadMembers')}
      actions={
        <Choice
          label={t('groups.view')}
          options={[
            ['lag', t('groups.viewLag')],
            ['members', t('groups.viewMembers')],
          ]}
          value={isLag ? 'lag' : 'members'}
          onValue={look}
        />
      }
    >
      {isLag ? <LagList /> : <MemberList />}
    </Page>
  );
}
