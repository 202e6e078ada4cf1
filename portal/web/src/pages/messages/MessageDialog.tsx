import { ChevronLeft, ChevronRight, Link2 } from 'lucide-react';

import type { ApiError } from '@/api/problem';
import { useRead } from '@/api/read';
import { useT } from '@/i18n/translate';
import { commandLine, copyText } from '@/lib/clipboard';
import { Await } from '@/ui/Await';
import { Button } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { Dialog } from '@/ui/Dialog';
import { Facts } from '@/ui/Page';
import { toast } from '@/ui/toast';
import { Bytes, Num, Time } from '@/ui/values';

import type { Topic } from '../topics/topicRow';

import type { Range } from './browse';
import { idOf, type Message, messageOf } from './message';
import css from './Messages.module.css';
import { previewOf, sizeOf } from './payload';
import { PayloadView } from './PayloadView';
import { fetchReader, readOne } from './reader';

interface Found {
  message: Message;
  table?: string;
  node?: string;
}

interface Id {
  partition: number;
  offset: bigint;
}

/** Alone with where its row is for those who may look at single messages; as it was fetched for the others. */
function useMessage(topic: string, { partition, offset }: Id, canPeek: boolean) {
  return useRead<Found | null>(
    ['message', topic, partition, offset.toString(), canPeek],
    async (signal) => {
      if (!canPeek) {
        const { messages } = await fetchReader(topic)([{ partition, offset, count: 1 }], signal);
        const [message] = messages;
        return message ? { message } : null;
      }
      try {
        const told = await readOne(topic, partition, offset, signal);
        return { message: messageOf(partition, told.message), table: told.table_name, node: told.data_node };
      } catch (thrown) {
        if ((thrown as ApiError).code === 'OFFSET_OUT_OF_RANGE') return null;
        throw thrown;
      }
    },
    { refresh: false },
  );
}

/** Everything about one message, with the ones before and after it. */
export function MessageDialog({
  topic,
  id,
  canPeek,
  range,
  onMove,
  onClose,
}: {
  topic: Topic;
  id: Id;
  canPeek: boolean;
  range: Range | undefined;
  onMove: (id: string) => void;
  onClose: () => void;
}) {
  const t = useT();
  const read = useMessage(topic.name, id, canPeek);
  const step = (by: bigint) => onMove(idOf({ partition: id.partition, offset: id.offset + by }));
  const isFirst = range !== undefined && id.offset <= range.start;
  const isLast = range !== undefined && id.offset + 1n >= range.end;
  const copyLink = () =>
    void copyText(window.location.href).then(() => toast.show({ tone: 'good', text: t('common.copied') }));
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
        <Button isSmall kind="quiet" icon={<Link2 size={15} aria-hidden="true" />} onClick={copyLink}>
          {t('messages.copyLink')}
        </Button>
      </div>
      <Await read={read}>
        {(found) => (found ? <Whole found={found} canPeek={canPeek} /> : <p>{t('messages.gone')}</p>)}
      </Await>
      <div className={css.part}>
        <Command text={commandLine('message', 'get', topic.name, id.partition, id.offset.toString())} />
      </div>
    </Dialog>
  );
}

function Whole({ found, canPeek }: { found: Found; canPeek: boolean }) {
  const t = useT();
  const { message, table, node } = found;
  return (
    <>
      <div className={css.part}>
        <Facts
          of={[
            [t('messages.time'), <Time key="t" us={message.atUs} isAbsolute />],
            [t('messages.size'), <Bytes key="s" value={sizeOf(message.body)} />],
            [t('messages.codec'), message.codec === 0 ? t('messages.codecNone') : String(message.codec)],
            [t('messages.producer'), message.producerId && <Num key="p" value={message.producerId} isExact />],
            [t('messages.sequence'), message.sequence && <Num key="q" value={message.sequence} isExact />],
            [t('topics.table'), table],
            [t('topics.node'), node],
          ]}
        />
      </div>
      {canPeek ? (
        <>
          <PayloadView title={t('messages.key')} payload={message.key} />
          <Headers message={message} />
          <PayloadView title={t('messages.body')} payload={message.body} isMain />
        </>
      ) : (
        <p className={css.none}>{t('messages.hiddenShort')}</p>
      )}
    </>
  );
}

function Headers({ message }: { message: Message }) {
  const t = useT();
  if (message.headers.length === 0) return null;
  return (
    <div className={css.part}>
      <div className={css.partHead}>
        <h3>{t('messages.headers')}</h3>
      </div>
      <table className={css.headers}>
        <caption className="visually-hidden">{t('messages.headers')}</caption>
        <tbody>
          {message.headers.map((header, i) => (
            <tr key={i}>
              <th scope="row">
                <code>{header.name}</code>
              </th>
              <td>
                <code>{previewOf(header.value, 2_000) ?? t('messages.null')}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
