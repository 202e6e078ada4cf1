import { Send } from 'lucide-react';

import type { PageProps } from '@/app/routes';
import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { pathTo } from '@/lib/location';
import { isMoreThanSummary } from '@/lib/markdown';
import { Button, ButtonLink } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { Markdown } from '@/ui/Markdown';
import { Card, Cards } from '@/ui/Page';
import { useState } from 'react';

import { SendDialog } from '../messages/SendDialog';

import { AboutCard } from './AboutCard';
import { PeersCard } from './PeersCard';
import { ReadersCard } from './ReadersCard';
import css from './Topic.module.css';
import { TopicFrame } from './TopicFrame';
import type { Topic } from './topicRow';
import { TrafficCard } from './TrafficCard';

/** What one wants to know of a topic first: what comes in, who reads it and how far behind, whose it is. */
export default function TopicPage({ params }: PageProps) {
  const t = useT();
  const name = params.name ?? '';
  const [isSending, setSending] = useState(false);
  return (
    <TopicFrame
      key={name}
      name={name}
      actions={
        <>
          <Button icon={<Send size={15} aria-hidden="true" />} onClick={() => setSending(true)}>
            {t('messages.send')}
          </Button>
          <ButtonLink kind="primary" to={pathTo('/topics/:name/messages', { name })}>
            {t('topics.lookAtMessages')}
          </ButtonLink>
        </>
      }
    >
      {(topic) => (
        <>
          <Overview topic={topic} />
          {isSending && <SendDialog topic={topic} onClose={() => setSending(false)} />}
        </>
      )}
    </TopicFrame>
  );
}

function Overview({ topic }: { topic: Topic }) {
  const t = useT();
  return (
    <div className={css.stack}>
      {isMoreThanSummary(topic.description) && (
        <Card title={t('topics.docs')}>
          <Markdown text={topic.description ?? ''} />
        </Card>
      )}
      <TrafficCard topic={topic} />
      <ReadersCard topic={topic} />
      <Cards>
        <AboutCard topic={topic} />
        <PeersCard topic={topic} />
      </Cards>
      <Command text={commandLine('topic', 'describe', topic.name)} />
    </div>
  );
}
