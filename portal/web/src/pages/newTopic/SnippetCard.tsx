import { useState } from 'react';

import { http, take } from '@/api/client';
import { useRead } from '@/api/read';
import { useT } from '@/i18n/translate';
import { Await } from '@/ui/Await';
import { Button } from '@/ui/Button';
import { CopyButton } from '@/ui/CopyButton';
import { Card } from '@/ui/Page';

import { useIsOpen } from '../topics/topicData';

import css from './NewTopic.module.css';
import { type SnippetKind, snippetOf, SNIPPETS } from './snippets';

const SERVERS = 3;

/** A program that sends the first message, with this cluster's addresses in it. */
export function SnippetCard({ topic }: { topic: string }) {
  const t = useT();
  const isOpen = useIsOpen();
  const [kind, setKind] = useState<SnippetKind>('cpp');
  const read = useRead(
    ['brokers', 'addresses'],
    async (signal) => {
      const { brokers } = await take(http.GET('/brokers', { params: { query: { limit: 100 } }, signal }));
      return brokers.filter((one) => one.state === 'ACTIVE').map((one) => `${one.host}:${one.port}`);
    },
    { refresh: false },
  );
  const names: Record<SnippetKind, string> = { cpp: 'C++', python: 'Python', shell: t('newTopic.shell') };
  return (
    <Card
      title={t('newTopic.snippet')}
      actions={SNIPPETS.map((one) => (
        <Button
          key={one}
          isSmall
          kind={one === kind ? 'normal' : 'quiet'}
          aria-pressed={one === kind}
          onClick={() => setKind(one)}
        >
          {names[one]}
        </Button>
      ))}
    >
      <Await read={read}>
        {(servers) => {
          const text = snippetOf(kind, {
            topic,
            servers: servers.slice(0, SERVERS),
            origin: window.location.origin,
            isOpen,
          });
          return (
            <div className={css.code}>
              <pre tabIndex={0} aria-label={names[kind]}>
                {text}
              </pre>
              <CopyButton text={text} />
            </div>
          );
        }}
      </Await>
      {kind === 'python' && <p className={css.soft}>{t('newTopic.pythonNote')}</p>}
    </Card>
  );
}
