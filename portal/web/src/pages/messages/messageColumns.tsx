import type { T } from '@/i18n/translate';
import type { Column } from '@/ui/Table';
import { Bytes, Time } from '@/ui/values';

import { idOf, type Message } from './message';
import css from './Messages.module.css';
import { type Payload, previewOf, sizeOf } from './payload';

const PREVIEW = 160;

function Preview({ payload, isHidden, t }: { payload: Payload; isHidden: boolean; t: T }) {
  // First of all: whether there is any is not known of what is hidden.
  if (isHidden) return <span className={css.none}>{t('messages.hiddenShort')}</span>;
  if (payload === null) return <span className={css.none}>{t('messages.null')}</span>;
  const text = previewOf(payload, PREVIEW);
  return text === '' ? (
    <span className={css.none}>{t('messages.empty')}</span>
  ) : (
    <span className={css.body}>{text}</span>
  );
}

/** `open`: shows the message. */
export function messageColumns(t: T, open: (id: string) => void): Column<Message>[] {
  return [
    {
      id: 'at',
      header: t('messages.time'),
      cell: (one) => <Time us={one.atUs} isAbsolute />,
      text: (one) => one.atUs,
    },
    {
      id: 'partition',
      header: t('topics.partition'),
      align: 'end',
      cell: (one) => one.partition,
      text: (one) => String(one.partition),
    },
    {
      id: 'offset',
      header: t('messages.offset'),
      align: 'end',
      cell: (one) => (
        <button
          type="button"
          className={css.open}
          aria-label={t('messages.openOne', { id: idOf(one) })}
          onClick={() => open(idOf(one))}
        >
          {one.offset.toString()}
        </button>
      ),
      text: (one) => one.offset.toString(),
    },
    {
      id: 'key',
      header: t('messages.key'),
      cell: (one) => <Preview payload={one.key} isHidden={one.isHidden} t={t} />,
      text: (one) => previewOf(one.key, 1_024) ?? '',
    },
    {
      id: 'body',
      header: t('messages.body'),
      isWide: true,
      cell: (one) => <Preview payload={one.body} isHidden={one.isHidden} t={t} />,
      text: (one) => previewOf(one.body, 100_000) ?? '',
    },
    {
      id: 'headers',
      header: t('messages.headers'),
      isHidden: true,
      align: 'end',
      cell: (one) => (one.isHidden ? '–' : one.headers.length),
      text: (one) => (one.isHidden ? '' : String(one.headers.length)),
    },
    {
      id: 'size',
      header: t('messages.size'),
      align: 'end',
      cell: (one) => (one.isHidden ? '–' : <Bytes value={sizeOf(one.body)} />),
      text: (one) => (one.isHidden ? '' : String(sizeOf(one.body))),
    },
  ];
}
