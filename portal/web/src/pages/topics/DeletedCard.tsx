import { Trash2, Undo2 } from 'lucide-react';
import { useState } from 'react';

import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { navigate } from '@/lib/location';
import { Button } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { Card, Facts } from '@/ui/Page';
import { Num, Time } from '@/ui/values';

import { PurgeTopic } from './PurgeTopic';
import css from './Topic.module.css';
import type { Topic } from './topicRow';
import { useUndelete } from './useUndelete';

/** In the place of a deleted topic's pages: until when it can be brought back, and by which button. */
export function DeletedCard({ topic }: { topic: Topic }) {
  const t = useT();
  const undelete = useUndelete();
  const [isPurging, setPurging] = useState(false);
  const { name, deletion } = topic;
  return (
    <div className={css.stack}>
      <Card
        title={t('topics.isDeleted')}
        actions={
          <>
            <Button kind="danger" icon={<Trash2 size={15} aria-hidden="true" />} onClick={() => setPurging(true)}>
              {t('topics.purge')}
            </Button>
            <Button
              kind="primary"
              icon={<Undo2 size={15} aria-hidden="true" />}
              isBusy={undelete.isPending}
              onClick={() => undelete.mutate(name)}
            >
              {t('topics.bringBack')}
            </Button>
          </>
        }
      >
        <div className={css.stack}>
          <p>{t('topics.isDeletedText')}</p>
          <Facts
            of={[
              [
                t('topics.comesBackUntil'),
                deletion?.purge_at_us && <Time key="u" us={deletion.purge_at_us} isAbsolute />,
              ],
              [t('topics.deletedAt'), deletion?.deleted_at_us && <Time key="d" us={deletion.deleted_at_us} />],
              [t('topics.deletedBy'), deletion?.deleted_by],
              [t('topics.partitions'), <Num key="n" value={topic.partitions.length} />],
            ]}
          />
        </div>
      </Card>
      <Command text={commandLine('topic', 'undelete', name)} />
      {isPurging && <PurgeTopic topic={topic} onDone={() => navigate('/topics')} onClose={() => setPurging(false)} />}
    </div>
  );
}
