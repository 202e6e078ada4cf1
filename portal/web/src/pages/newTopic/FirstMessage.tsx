import { Send } from 'lucide-react';
import { useState } from 'react';

import { useRead } from '@/api/read';
import { useT } from '@/i18n/translate';
import { pathTo } from '@/lib/location';
import { Badge } from '@/ui/Badge';
import { Button, ButtonLink } from '@/ui/Button';
import { Card } from '@/ui/Page';
import { Time } from '@/ui/values';

import { newestFirst } from '../messages/message';
import { previewOf } from '../messages/payload';
import { fetchReader } from '../messages/reader';
import { SendDialog } from '../messages/SendDialog';
import { LOG_END, LOG_START, endsOf } from '../topics/offsets';
import { readMarks, useAccess } from '../topics/topicData';
import type { Topic } from '../topics/topicRow';

import css from './NewTopic.module.css';

const POLL_MS = 1_000;
const PARTITIONS_MAX = 50;

/** Waits for the first message, and shows it when it has come. */
export function FirstMessage({ topic }: { topic: Topic }) {
  const t = useT();
  const access = useAccess(topic.name, { isNew: true });
  const [isSending, setSending] = useState(false);
  const [isThere, setThere] = useState(false);
  const read = useRead(
    ['topics', topic.name, 'first', access?.consume.isAllowed],
    async (signal) => {
      const partitions = topic.partitions.map((one) => one.partition).slice(0, PARTITIONS_MAX);
      const ends = endsOf(partitions, await readMarks(topic.name, partitions, [LOG_START, LOG_END], signal));
      const full = ends.filter((one) => one.start !== null && one.end !== null && one.end > one.start);
      if (full.length > 0) setThere(true);
      if (!access?.consume.isAllowed || !access.peek.isAllowed) return { count: full.length, messages: [] };
      const asks = full.map(({ partition, start }) => ({ partition, offset: start as bigint, count: 1 }));
      const { messages } = await fetchReader(topic.name)(asks, signal);
      return { count: full.length, messages: messages.sort(newestFirst) };
    },
    { enabled: access !== undefined, refresh: isThere ? false : POLL_MS },
  );
  const first = read.data?.messages.at(-1);
  const path = pathTo('/topics/:name/messages', { name: topic.name });
  return (
    <Card title={t('newTopic.first')}>
      <div className={css.stack} role="status" aria-live="polite">
        {(read.data?.count ?? 0) === 0 ? (
          <Badge tone="info">{t('newTopic.firstWaiting')}</Badge>
        ) : (
          <p>
            <Badge tone="good">{t('newTopic.firstCame')}</Badge>{' '}
            {first && (
              <>
                <Time us={first.atUs} /> ·{' '}
                {t('newTopic.firstAt', { partition: first.partition, offset: first.offset.toString() })}{' '}
                <code>{previewOf(first.body, 200)}</code>
              </>
            )}
          </p>
        )}
        {read.error && <p className={css.soft}>{read.error.message}</p>}
        <div className={css.buttons}>
          <Button icon={<Send size={15} aria-hidden="true" />} onClick={() => setSending(true)}>
            {t('newTopic.sendFromHere')}
          </Button>
          {isThere && (
            <ButtonLink kind="primary" to={path}>
              {t('topics.lookAtMessages')}
            </ButtonLink>
          )}
        </div>
      </div>
      {isSending && <SendDialog topic={topic} onClose={() => setSending(false)} />}
    </Card>
  );
}
