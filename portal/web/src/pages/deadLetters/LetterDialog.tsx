import { Pencil, RotateCcw, Trash2 } from 'lucide-react';

import { http, take } from '@/api/client';
import { useRead } from '@/api/read';
import { type T, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { Stack } from '@/pages/groups/Section';
import { messagePath } from '@/pages/messages/message';
import { HiddenNote } from '@/pages/shared/HiddenNote';
import { Await } from '@/ui/Await';
import { Button, ButtonLink } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { Dialog } from '@/ui/Dialog';
import { Empty } from '@/ui/Empty';
import { Facts } from '@/ui/Page';
import { Num, Time } from '@/ui/values';

import css from './Letter.module.css';
import { idText, type Letter, type LetterId, whyHidden } from './letterFilter';
import { payloadOf } from './payload';
import { PayloadView } from './PayloadView';

/** Letters of one partition that died in the same microsecond: few. */
const SAME_MOMENT_MAX = 100;

/** The list finds no letter by its offset; by when it died it does. */
function useLetter({ group, topic, partition, offset }: LetterId, deadUs: string) {
  const moment = deadUs ? { from_us: deadUs, until_us: String(BigInt(deadUs) + 1n) } : {};
  return useRead(
    ['groups', group, 'dead-letters', 'one', topic, partition, offset, deadUs],
    async (signal) => {
      const query = { topic, partition, ...moment, with_bodies: true, limit: SAME_MOMENT_MAX };
      const answer = await take(
        http.GET('/groups/{group}/dead-letters', { params: { path: { group }, query }, signal }),
      );
      return { letter: answer.letters.find(({ id }) => id.offset === offset) };
    },
    { refresh: false },
  );
}

/** One letter with all that is known about it, and what can be done with it. */
export function LetterDialog({
  id,
  deadUs,
  onDeed,
  onEdit,
  onClose,
}: {
  id: LetterId;
  deadUs: string;
  onDeed: (deed: 'redrive' | 'drop') => void;
  onEdit: (letter: Letter) => void;
  onClose: () => void;
}) {
  const t = useT();
  const read = useLetter(id, /^\d{1,18}$/.test(deadUs) ? deadUs : '');
  return (
    <Dialog title={idText(id)} onClose={onClose} isWide>
      <Await read={read}>
        {({ letter }) =>
          letter ? (
            <Whole letter={letter} onDeed={onDeed} onEdit={() => onEdit(letter)} />
          ) : (
            <Empty title={t('deadLetters.goneTitle')} text={t('deadLetters.goneText')} />
          )
        }
      </Await>
    </Dialog>
  );
}

const factsOf = (letter: Letter, t: T): [string, React.ReactNode][] => [
  [t('deadLetters.reason'), letter.reason],
  [t('deadLetters.attempts'), <Num value={letter.attempts} />],
  [t('deadLetters.deadSince'), <Time us={letter.dead_at_us} />],
  [t('deadLetters.firstFailed'), <Time us={letter.first_failed_at_us} />],
  [t('deadLetters.written'), <Time us={letter.message.timestamp_us} isAbsolute />],
];

function Whole({
  letter,
  onDeed,
  onEdit,
}: {
  letter: Letter;
  onDeed: (deed: 'redrive' | 'drop') => void;
  onEdit: () => void;
}) {
  const t = useT();
  const { id } = letter;
  const hidden = whyHidden(letter);
  const { topic, partition, offset } = id;
  return (
    <Stack>
      <Facts of={factsOf(letter, t)} />
      <div className={css.deeds}>
        <Button kind="primary" icon={<RotateCcw size={15} aria-hidden="true" />} onClick={() => onDeed('redrive')}>
          {t('deadLetters.redrive')}
        </Button>
        <Button
          icon={<Pencil size={15} aria-hidden="true" />}
          disabled={hidden !== null}
          title={hidden ?? undefined}
          onClick={onEdit}
        >
          {t('deadLetters.edit')}
        </Button>
        <Button icon={<Trash2 size={15} aria-hidden="true" />} onClick={() => onDeed('drop')}>
          {t('deadLetters.drop')}
        </Button>
        <ButtonLink kind="quiet" to={messagePath(topic, { partition, offset: BigInt(offset) })}>
          {t('trace.title')}
        </ButtonLink>
      </div>
      {hidden === null ? <Contents letter={letter} /> : <HiddenNote topic={topic} why={hidden} />}
      <Command text={commandLine('dlq', 'show', '-g', id.group, idText(id))} />
    </Stack>
  );
}

function Contents({ letter }: { letter: Letter }) {
  const t = useT();
  const { message, first_error: first, last_error: last } = letter;
  return (
    <>
      {last && <ErrorText title={t('deadLetters.lastError')} text={last} />}
      {first && first !== last && <ErrorText title={t('deadLetters.firstError')} text={first} />}
      <PayloadView title={t('deadLetters.key')} payload={payloadOf(message.key, message.key_base64)} />
      {(message.headers ?? []).map((header, i) => (
        <PayloadView key={i} title={header.name} payload={payloadOf(header.value, header.value_base64)} />
      ))}
      <PayloadView title={t('deadLetters.body')} payload={payloadOf(message.body, message.body_base64)} />
    </>
  );
}

const ErrorText = ({ title, text }: { title: string; text: string }) => (
  <div>
    <h3>{title}</h3>
    <pre className={css.text}>{text}</pre>
  </div>
);
