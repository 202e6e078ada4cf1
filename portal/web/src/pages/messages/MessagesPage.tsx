import { Send } from 'lucide-react';
import { useState } from 'react';

import type { PageProps } from '@/app/routes';
import { useT } from '@/i18n/translate';
import { Button } from '@/ui/Button';

import { TopicFrame } from '../topics/TopicFrame';

import { Messages } from './Messages';
import { SendDialog } from './SendDialog';

/** The messages of one topic: by offset, by time, by what is in them, and as they come. */
export default function MessagesPage({ params }: PageProps) {
  const t = useT();
  const name = params.name ?? '';
  const [isSending, setSending] = useState(false);
  return (
    <TopicFrame
      key={name}
      name={name}
      actions={
        <Button icon={<Send size={15} aria-hidden="true" />} onClick={() => setSending(true)}>
          {t('messages.send')}
        </Button>
      }
    >
      {(topic) => (
        <>
          <Messages topic={topic} />
          {isSending && <SendDialog topic={topic} onClose={() => setSending(false)} />}
        </>
      )}
    </TopicFrame>
  );
}
