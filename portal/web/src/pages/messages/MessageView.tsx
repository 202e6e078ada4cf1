import type { ApiError } from '@/api/problem';
import { useRead } from '@/api/read';
import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { Await } from '@/ui/Await';
import { Command } from '@/ui/CopyButton';
import { Facts } from '@/ui/Page';
import { Bytes, Num, Time } from '@/ui/values';

import { HiddenNote } from '../shared/HiddenNote';
import type { Access } from '../topics/topicData';

import { idOf, type Message, type MessageId, messageOf } from './message';
import css from './Messages.module.css';
import { previewOf, sizeOf } from './payload';
import { PayloadView } from './PayloadView';
import { fetchReader, readOne } from './reader';
import { TraceView } from './TraceView';

interface Found {
  message: Message;
  table?: string;
  node?: string;
}

/** Alone with where its row is for those who may look at single messages; as it was fetched for the others. */
function useMessage(topic: string, { partition, offset }: MessageId, { consume, peek }: Access) {
  const canPeek = peek.isAllowed;
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
    { refresh: false, enabled: canPeek || consume.isAllowed },
  );
}

/** Everything about one message: what is in it, as far as one may read that, and where it is now. */
export function MessageView({ topic, id, access }: { topic: string; id: MessageId; access: Access }) {
  const t = useT();
  const read = useMessage(topic, id, access);
  const canPeek = access.peek.isAllowed;
  return (
    <>
      {!canPeek && <HiddenNote topic={topic} why={access.peek.because} />}
      {(canPeek || access.consume.isAllowed) && (
        <Await read={read}>{(found) => (found ? <Whole found={found} /> : <p>{t('messages.gone')}</p>)}</Await>
      )}
      <TraceView key={idOf(id)} topic={topic} id={id} />
      {canPeek && (
        <div className={css.part}>
          <Command text={commandLine('message', 'get', topic, id.partition, id.offset.toString())} />
        </div>
      )}
    </>
  );
}

function Whole({ found }: { found: Found }) {
  const t = useT();
  const { message, table, node } = found;
  const time: [string, React.ReactNode] = [t('messages.time'), <Time key="t" us={message.atUs} isAbsolute />];
  if (message.isHidden) {
    return (
      <div className={css.part}>
        <Facts of={[time]} />
      </div>
    );
  }
  return (
    <>
      <div className={css.part}>
        <Facts
          of={[
            time,
            [t('messages.size'), <Bytes key="s" value={sizeOf(message.body)} />],
            [t('messages.codec'), message.codec === 0 ? t('messages.codecNone') : String(message.codec)],
            [t('messages.producer'), message.producerId],
            [t('messages.sequence'), message.sequence && <Num key="q" value={message.sequence} isExact />],
            [t('topics.table'), table],
            [t('topics.node'), node],
          ]}
        />
      </div>
      <PayloadView title={t('messages.key')} payload={message.key} />
      <Headers message={message} />
      <PayloadView title={t('messages.body')} payload={message.body} isMain />
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
