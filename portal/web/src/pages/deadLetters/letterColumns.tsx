import type { T } from '@/i18n/translate';
import { Link } from '@/ui/Link';
import type { Column } from '@/ui/Table';
import { Num, Quiet, Time } from '@/ui/values';

import { idText, type Letter, type LetterId, whyHidden } from './letterFilter';
import { payloadOf } from './payload';

interface Acts {
  isChosen: (id: LetterId) => boolean;
  choose: (letter: Letter, isOn: boolean) => void;
  hrefOf: (letter: Letter) => string;
}

export const letterColumns = (t: T, { isChosen, choose, hrefOf }: Acts): Column<Letter>[] => [
  {
    id: 'choose',
    header: t('deadLetters.choose'),
    cell: (letter) => (
      <input
        type="checkbox"
        aria-label={t('deadLetters.chooseOne', { id: idText(letter.id) })}
        checked={isChosen(letter.id)}
        onChange={(event) => choose(letter, event.target.checked)}
      />
    ),
  },
  {
    id: 'letter',
    header: t('deadLetters.letter'),
    cell: (letter) => <Link to={hrefOf(letter)}>{idText(letter.id)}</Link>,
    text: ({ id }) => idText(id),
  },
  {
    id: 'key',
    header: t('deadLetters.key'),
    cell: (letter) => {
      if (whyHidden(letter) !== null) return <Quiet>{t('messages.hiddenShort')}</Quiet>;
      return payloadOf(letter.message.key, letter.message.key_base64).text || '–';
    },
    text: ({ message }) => message.key ?? message.key_base64 ?? '',
  },
  {
    id: 'reason',
    header: t('deadLetters.reason'),
    cell: ({ reason }) => reason || '–',
    text: ({ reason }) => reason ?? '',
  },
  {
    id: 'error',
    header: t('deadLetters.lastError'),
    isWide: true,
    cell: (letter) =>
      whyHidden(letter) === null ? letter.last_error || '–' : <Quiet>{t('messages.hiddenShort')}</Quiet>,
    text: (letter) => (whyHidden(letter) === null ? (letter.last_error ?? '') : ''),
  },
  {
    id: 'attempts',
    header: t('deadLetters.attempts'),
    align: 'end',
    cell: ({ attempts }) => <Num value={attempts} />,
    text: ({ attempts }) => String(attempts),
  },
  {
    id: 'dead',
    header: t('deadLetters.deadSince'),
    align: 'end',
    cell: ({ dead_at_us }) => <Time us={dead_at_us} />,
    text: ({ dead_at_us }) => dead_at_us ?? '',
  },
  {
    id: 'written',
    header: t('deadLetters.written'),
    align: 'end',
    isHidden: true,
    cell: ({ message }) => <Time us={message.timestamp_us} />,
    text: ({ message }) => message.timestamp_us,
  },
];
