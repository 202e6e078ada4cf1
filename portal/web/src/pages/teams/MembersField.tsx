import { X } from 'lucide-react';
import { useId, useState } from 'react';

import { http, take } from '@/api/client';
import { useRead } from '@/api/read';
import { useT } from '@/i18n/translate';
import { Button, IconButton } from '@/ui/Button';

import css from './teams.module.css';
import { type Member, withMember, withoutMember } from './team';

/** Who is in a team, and as what. Names are offered from the people there are. */
export function MembersField({ members, onMembers }: { members: Member[]; onMembers: (members: Member[]) => void }) {
  const t = useT();
  const id = useId();
  const [name, setName] = useState('');
  const people = useRead(
    ['people', 'names'],
    (signal) =>
      take(
        http.GET('/people', { params: { query: { limit: 1000, sort: 'name', fields: 'name,display_name' } }, signal }),
      ),
    { refresh: false },
  );
  const add = () => {
    const person = name.trim();
    if (person === '') return;
    onMembers(withMember(members, person, members.length === 0 ? 'lead' : 'member'));
    setName('');
  };
  return (
    <fieldset className={css.members}>
      <legend>{t('teams.members')}</legend>
      {members.map(({ person, role }) => (
        <div key={person} className={css.member}>
          <span>{person}</span>
          <select
            aria-label={t('teams.roleOf', { name: person })}
            value={role}
            onChange={(event) => onMembers(withMember(members, person, event.target.value))}
          >
            <option value="lead">{t('teams.lead1')}</option>
            <option value="member">{t('teams.member1')}</option>
          </select>
          <IconButton
            isSmall
            label={t('teams.remove', { name: person })}
            icon={<X size={15} aria-hidden="true" />}
            onClick={() => onMembers(withoutMember(members, person))}
          />
        </div>
      ))}
      <div className={css.member}>
        <input
          type="text"
          list={id}
          aria-label={t('teams.addMember')}
          placeholder={t('teams.addMember')}
          value={name}
          spellCheck={false}
          onChange={(event) => setName(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            add();
          }}
        />
        <datalist id={id}>
          {people.data?.people.map((person) => (
            <option key={person.name} value={person.name}>
              {person.display_name}
            </option>
          ))}
        </datalist>
        <Button isSmall onClick={add} disabled={name.trim() === ''}>
          {t('teams.add')}
        </Button>
      </div>
    </fieldset>
  );
}
