import { ChevronLeft, ChevronRight, Link2 } from 'lucide-react';

import { useT } from '@/i18n/translate';
import { copyText } from '@/lib/clipboard';
import { Button, ButtonLink } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { toast } from '@/ui/toast';

import type { Access } from '../topics/topicData';
import type { Topic } from '../topics/topicRow';

import type { Range } from './browse';
import { idOf, type MessageId, messagePath } from './message';
import css from './Messages.module.css';
import { MessageView } from './MessageView';

/** One message in front of where it was found, with the ones before and after it. */
export function MessageDialog({
  topic,
  id,
  access,
  range,
  onMove,
  onClose,
}: {
  topic: Topic;
  id: MessageId;
  access: Access;
  range: Range | undefined;
  onMove: (id: string) => void;
  onClose: () => void;
}) {
  const t = useT();
  const step = (by: bigint) => onMove(idOf({ partition: id.partition, offset: id.offset + by }));
  const isFirst = range !== undefined && id.offset <= range.start;
  const isLast = range !== undefined && id.offset + 1n >= range.end;
  const path = messagePath(topic.name, id);
  const copyLink = () =>
    void copyText(window.location.origin + path).then(() => toast.show({ tone: 'good', text: t('common.copied') }));
  return (
    <Dialog title={`${topic.name} ${idOf(id)}`} onClose={onClose} isWide>
      <div className={css.foot}>
        <div className={css.buttons}>
          <Button
            isSmall
            icon={<ChevronLeft size={15} aria-hidden="true" />}
            disabled={isFirst}
            onClick={() => step(-1n)}
          >
            {t('messages.before')}
          </Button>
          <Button isSmall disabled={isLast} onClick={() => step(1n)}>
            {t('messages.after')}
            <ChevronRight size={15} aria-hidden="true" />
          </Button>
        </div>
        <div className={css.buttons}>
          <Button isSmall kind="quiet" icon={<Link2 size={15} aria-hidden="true" />} onClick={copyLink}>
            {t('messages.copyLink')}
          </Button>
          <ButtonLink isSmall kind="quiet" to={path}>
            {t('messages.asPage')}
          </ButtonLink>
        </div>
      </div>
      <MessageView topic={topic.name} id={id} access={access} />
    </Dialog>
  );
}
