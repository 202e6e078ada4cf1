import type { Schemas } from '@/api/client';
import type { T } from '@/i18n/translate';
import type { Column } from '@/ui/Table';
import { Bytes, Time } from '@/ui/values';

import { payloadOf, previewOf, sizeOf } from '../messages/payload';

import css from './Topic.module.css';

type Listing = Schemas['DelayedListing'];

const PREVIEW = 120;

export function delayedColumns(t: T, chosen: ReadonlySet<string>, toggle: (handle: string) => void): Column<Listing>[] {
  return [
    {
      id: 'choose',
      header: t('topics.choose'),
      cell: (one) => (
        <input
          type="checkbox"
          checked={chosen.has(one.handle)}
          aria-label={t('topics.chooseOne', { key: one.message.key ?? one.handle })}
          onChange={() => toggle(one.handle)}
        />
      ),
    },
    { id: 'due', header: t('topics.due'), cell: (one) => <Time us={one.due_us} />, text: (one) => one.due_us },
    {
      id: 'partition',
      header: t('topics.partition'),
      align: 'end',
      cell: (one) => one.partition,
      text: (one) => String(one.partition),
    },
    {
      id: 'key',
      header: t('messages.key'),
      cell: (one) => <code>{previewOf(payloadOf(one.message, 'key'), PREVIEW) ?? '–'}</code>,
      text: (one) => one.message.key ?? '',
    },
    {
      id: 'size',
      header: t('messages.size'),
      align: 'end',
      cell: (one) => <Bytes value={sizeOf(payloadOf(one.message, 'body'))} />,
      text: (one) => String(sizeOf(payloadOf(one.message, 'body'))),
    },
    {
      id: 'body',
      header: t('messages.body'),
      isWide: true,
      cell: (one) => <code className={css.mono}>{previewOf(payloadOf(one.message, 'body'), PREVIEW) ?? '–'}</code>,
    },
    {
      id: 'handle',
      header: t('topics.handle'),
      isHidden: true,
      cell: (one) => <code>{one.handle}</code>,
      text: (one) => one.handle,
    },
  ];
}
