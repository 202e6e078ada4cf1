import { useState } from 'react';

import type { PageProps } from '@/app/routes';
import { useT } from '@/i18n/translate';
import { useUrlState } from '@/lib/urlState';
import { GroupFrame } from '@/pages/groups/GroupFrame';
import { useHere } from '@/pages/groups/here';
import { useDeadLetterCounts } from '@/pages/groups/reads';
import { Section } from '@/pages/groups/Section';
import { Await } from '@/ui/Await';

import { Deeds } from './Deeds';
import { DropDialog } from './DropDialog';
import { EditDialog } from './EditDialog';
import { LetterDialog } from './LetterDialog';
import { idText, type Letter, LOOK, parseId } from './letterFilter';
import { LetterList } from './LetterList';
import { LetterSums } from './LetterSums';
import { RedriveDialog } from './RedriveDialog';
import { Redrives } from './Redrives';
import type { Meant } from './meant';

/** Which letter is looked at is in the URL, with when it died: that finds it again. */
const STATE = { ...LOOK, letter: '', dead: '', cursor: '', at: 0 };

type Open = { deed: 'redrive' | 'drop'; meant: Meant } | { deed: 'edit'; letter: Letter };

export default function DeadLettersPage({ params }: PageProps) {
  const t = useT();
  const group = params.group as string;
  const [state, change] = useUrlState(STATE);
  const here = useHere(STATE);
  const [open, setOpen] = useState<Open | null>(null);
  const counts = useDeadLetterCounts(group);
  const { letter, dead, cursor: _cursor, at: _at, ...look } = state;
  const id = parseId(group, letter);
  // So many deeds were done: nothing is chosen after one, though letters that fail again come back.
  const [deeds, setDeeds] = useState(0);
  const close = () => setOpen(null);
  const done = () => {
    setDeeds(deeds + 1);
    close();
  };
  const filter = (values: Partial<typeof LOOK>) => change({ ...values, cursor: '', at: 0 }, { replace: true });
  const all = counts.data?.counts ?? [];
  return (
    <GroupFrame group={group}>
      <Await read={counts}>
        {({ counts: sums }) => (
          <LetterSums counts={sums} look={look} hrefOf={(to) => here({ ...to, cursor: '', at: 0 })} />
        )}
      </Await>
      <Section title={t('deadLetters.title')} lead={t('deadLetters.lead')}>
        <LetterList
          group={group}
          look={look}
          deeds={deeds}
          onLook={filter}
          hrefOf={(one) => here({ letter: idText(one.id), dead: one.dead_at_us ?? '' })}
          onDeed={(deed, meant) => setOpen({ deed, meant })}
        />
      </Section>
      <Redrives group={group} />
      <Deeds group={group} />
      {id && (
        <LetterDialog
          id={id}
          deadUs={dead}
          onDeed={(deed) => setOpen({ deed, meant: { ids: [id] } })}
          onEdit={(whole) => setOpen({ deed: 'edit', letter: whole })}
          onClose={() => change({ letter: '', dead: '' }, { replace: true })}
        />
      )}
      {open?.deed === 'redrive' && (
        <RedriveDialog group={group} meant={open.meant} counts={all} onDone={done} onClose={close} />
      )}
      {open?.deed === 'drop' && (
        <DropDialog group={group} meant={open.meant} counts={all} onDone={done} onClose={close} />
      )}
      {open?.deed === 'edit' && <EditDialog letter={open.letter} onClose={close} />}
    </GroupFrame>
  );
}
