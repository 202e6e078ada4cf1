import { useState } from 'react';

import { http, take } from '@/api/client';
import { useRead } from '@/api/read';
import { useT } from '@/i18n/translate';
import { Await, Skeleton } from '@/ui/Await';
import { Card } from '@/ui/Page';

import { OutcomeNote } from '../topics/OutcomeNote';
import { useIsOpen, useTopic } from '../topics/topicData';
import type { ChangeRequest } from '../topics/useProposal';

import { FirstMessage } from './FirstMessage';
import css from './NewTopic.module.css';
import { SnippetCard } from './SnippetCard';
import { TokenCard } from './TokenCard';

const FINAL = ['applied', 'failed', 'undone', 'declined', 'withdrawn', 'expired'];
const POLL_MS = 2_000;

/** The request until it is made; then token, program and the first message, below each other. */
export function ReadyView({ topic, request }: { topic: string; request: string }) {
  const [isOver, setOver] = useState(request === '');
  const read = useRead<ChangeRequest | null>(
    ['requests', request],
    async (signal) => {
      const answer = await take(http.GET('/requests/{id}', { params: { path: { id: request } }, signal }));
      if (FINAL.includes(answer.request?.state ?? '')) setOver(true);
      return answer.request ?? null;
    },
    { enabled: request !== '', refresh: isOver ? false : POLL_MS },
  );
  if (request === '') return <Ready topic={topic} />;
  return (
    <Await read={read}>
      {(told) => (told === null || told.state === 'applied' ? <Ready topic={topic} /> : <Waiting request={told} />)}
    </Await>
  );
}

function Waiting({ request }: { request: ChangeRequest }) {
  const t = useT();
  return (
    <Card title={t('newTopic.waiting')}>
      <OutcomeNote outcome={{ request, isDone: false }} done="" />
      {request.reason && <p>{request.reason}</p>}
      <p className={css.soft}>{t('newTopic.waitingText')}</p>
    </Card>
  );
}

function Ready({ topic }: { topic: string }) {
  const isOpen = useIsOpen();
  const read = useTopic(topic);
  return (
    <Await read={read} skeleton={<Skeleton rows={6} />}>
      {(found) => (
        <ol className={css.steps}>
          {!isOpen && (
            <li>
              <TokenCard topic={topic} />
            </li>
          )}
          <li>
            <SnippetCard topic={topic} />
          </li>
          <li>
            <FirstMessage topic={found} />
          </li>
        </ol>
      )}
    </Await>
  );
}
