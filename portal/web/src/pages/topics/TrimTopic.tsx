import { useState } from 'react';

import { http, take } from '@/api/client';
import { useAct, useRead } from '@/api/read';
import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { exact } from '@/lib/format';
import { Await } from '@/ui/Await';
import { ConfirmByName } from '@/ui/ConfirmByName';
import { Command } from '@/ui/CopyButton';
import { CheckField, SelectField, TextField } from '@/ui/Field';

import { chunks, endsOf, LOG_END, LOG_START } from './offsets';
import { parseTime } from './settings';
import css from './Topic.module.css';
import { readMarks } from './topicData';
import type { Topic } from './topicRow';
import { asksBefore, asksOfAll, failureOf, outlookOf, TRIM_MAX, type TrimAsk, type TrimTold } from './trim';

const WAYS = ['older', 'all'] as const;
type Way = (typeof WAYS)[number];
const GROUPS_SHOWN = 5;

async function trim(
  asks: TrimAsk[],
  how: { lose_unread: boolean; dry_run?: boolean; reason?: string },
  signal?: AbortSignal,
) {
  const told: TrimTold[] = [];
  for (const partitions of chunks(asks, TRIM_MAX)) {
    told.push(...(await take(http.POST('/topics:trim', { body: { partitions, ...how }, signal }))).partitions);
  }
  return told;
}

async function asksFor(topic: Topic, beforeMs: number | null, signal: AbortSignal): Promise<TrimAsk[]> {
  const partitions = topic.partitions.map(({ partition }) => partition);
  if (beforeMs !== null) return asksBefore(topic.name, partitions, beforeMs);
  return asksOfAll(
    topic.name,
    endsOf(partitions, await readMarks(topic.name, partitions, [LOG_START, LOG_END], signal)),
  );
}

/** Removes the oldest messages, or all: what would go, by the server's own word, before the name is typed. */
export function TrimTopic({ topic, onClose }: { topic: Topic; onClose: () => void }) {
  const t = useT();
  const { name } = topic;
  const [way, setWay] = useState<Way>('older');
  const [age, setAge] = useState('');
  const [lose_unread, setLoseUnread] = useState(false);
  const [opened] = useState(() => Date.now());
  const ms = parseTime(age);
  const beforeMs = way === 'all' || ms === null ? null : opened - Number(ms);
  const isAsked = way === 'all' || ms !== null;
  // What is told stays what is done: ends and the moment are not read again meanwhile.
  const outlook = useRead(
    ['topics', name, 'trim', opened, beforeMs, lose_unread],
    async (signal) => {
      const asks = await asksFor(topic, beforeMs, signal);
      return { asks, ...outlookOf(await trim(asks, { lose_unread, dry_run: true }, signal)) };
    },
    { enabled: isAsked, refresh: false },
  );
  const act = useAct({
    act: async (reason: string) => {
      const told = await trim(outlook.data?.asks ?? [], { lose_unread, ...(reason && { reason }) });
      const failure = failureOf(told);
      if (failure) throw failure;
      return outlookOf(told);
    },
    touches: [['topics', name], ['messages', name], ['lag']],
    done: ({ messages }) => t('trim.done', { n: exact(messages), name }),
    onDone: onClose,
    toastErrors: false,
  });
  const isReady = isAsked && !outlook.isPlaceholderData && (outlook.data?.messages ?? 0n) > 0n;
  return (
    <ConfirmByName
      title={t('trim.title', { name })}
      name={name}
      action={t('trim.action')}
      asksReason
      isReady={isReady}
      isBusy={act.isPending}
      error={act.error}
      onConfirm={(reason) => act.mutate(reason)}
      onClose={onClose}
      consequences={
        <>
          <SelectField
            label={t('trim.which')}
            value={way}
            onValue={(to) => setWay(to as Way)}
            options={WAYS.map((one) => [one, t(`trim.${one}`)] as const)}
          />
          {way === 'older' && (
            <TextField
              label={t('trim.age')}
              hint={t('trim.ageHint')}
              error={age !== '' && ms === null ? t('topics.timeFault') : undefined}
              value={age}
              onValue={setAge}
            />
          )}
          {isAsked && (
            <Await read={outlook}>
              {(told) => <Outlook told={told} isLosing={lose_unread} onLose={setLoseUnread} />}
            </Await>
          )}
          {way === 'older' && ms !== null && <Command text={commandOf(name, age, lose_unread)} />}
        </>
      }
    />
  );
}

const commandOf = (name: string, age: string, isLosing: boolean) =>
  commandLine('topic', 'trim', name, '--before', age.replace(/\s/g, ''), ...(isLosing ? ['--lose-unread'] : []));

function Outlook({
  told: { messages, groups, refused, isBlocked },
  isLosing,
  onLose,
}: {
  told: ReturnType<typeof outlookOf>;
  isLosing: boolean;
  onLose: (isOn: boolean) => void;
}) {
  const t = useT();
  const who = groups.slice(0, GROUPS_SHOWN).join(', ');
  return (
    <>
      <div role="status" aria-label={t('trim.outlook')}>
        <ul className={css.list}>
          <li>{t('trim.messages', { n: exact(messages) })}</li>
          {groups.length > 0 && <li>{t('trim.unread', { n: groups.length, who })}</li>}
          {refused.map(([why, n]) => (
            <li key={why}>
              {t('trim.refused', { n })} {why}
            </li>
          ))}
          <li>{t('trim.forGood')}</li>
        </ul>
      </div>
      {(isBlocked || isLosing) && <CheckField label={t('trim.loseUnread')} isOn={isLosing} onChange={onLose} />}
    </>
  );
}
