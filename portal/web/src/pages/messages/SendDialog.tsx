import { useRef, useState } from 'react';

import { http, take } from '@/api/client';
import { ApiError } from '@/api/problem';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { navigate, pathTo } from '@/lib/location';
import { Button } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { Dialog } from '@/ui/Dialog';
import { AreaField, CheckField, SelectField, TextField } from '@/ui/Field';
import { Form } from '@/ui/Form';
import { toast } from '@/ui/toast';

import { Notice } from '../topics/Notice';
import { parseTime } from '../topics/settings';
import { useAccess } from '../topics/topicData';
import type { Topic } from '../topics/topicRow';

import { type Draft, EMPTY_DRAFT, newProducerId, parseHeaders, partitionFor, toMessage } from './draft';
import { produceCommand } from './produceCommand';

interface Sent {
  partition: number;
  offset?: string;
}

/** Sends one message by hand, now or later. The same message twice is stored once until something is changed. */
export function SendDialog({ topic, onClose }: { topic: Topic; onClose: () => void }) {
  const t = useT();
  const access = useAccess(topic.name);
  const [draft, setDraft] = useState<Draft>(EMPTY_DRAFT);
  const once = useRef({ producer: newProducerId(), random: Math.random() });
  const delay = draft.delay.trim() === '' ? null : parseTime(draft.delay);
  const faults = {
    headers: parseHeaders(draft.headers) === null ? t('messages.headersFault') : undefined,
    delay: draft.delay.trim() !== '' && delay === null ? t('topics.timeFault') : undefined,
  };
  const act = useAct<void, Sent>({
    act: () => send(topic, draft, delay, once.current),
    touches: [
      ['topics', topic.name],
      ['messages', topic.name],
    ],
    toastErrors: false,
    onDone: ({ partition, offset }) => {
      const path = pathTo('/topics/:name/messages', { name: topic.name });
      toast.show(
        offset === undefined
          ? { tone: 'good', text: t('messages.scheduled', { partition }) }
          : {
              tone: 'good',
              text: t('messages.sent', { partition, offset }),
              action: { label: t('messages.lookAtIt'), act: () => navigate(`${path}?m=${partition}%2F${offset}`) },
            },
      );
      onClose();
    },
  });
  const isDenied = access !== undefined && !access.produce.isAllowed;
  const set = (change: Partial<Draft>) => {
    once.current = { ...once.current, producer: newProducerId() };
    setDraft({ ...draft, ...change });
  };
  return (
    <Dialog title={t('messages.sendTo', { name: topic.name })} onClose={onClose}>
      <Form
        onSend={() => !faults.headers && !faults.delay && !isDenied && act.mutate(undefined)}
        error={act.error}
        buttons={
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button type="submit" kind="primary" isBusy={act.isPending} disabled={isDenied || !access}>
              {t('messages.send')}
            </Button>
          </>
        }
      >
        {isDenied && <Notice tone="warn">{t('messages.noProduce', { why: access.produce.because })}</Notice>}
        <Fields topic={topic} draft={draft} set={set} faults={faults} />
        <Command text={produceCommand(topic.name, draft)} />
      </Form>
    </Dialog>
  );
}

function Fields({
  topic,
  draft,
  set,
  faults,
}: {
  topic: Topic;
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  faults: { headers?: string; delay?: string };
}) {
  const t = useT();
  return (
    <>
      <CheckField label={t('messages.hasKey')} isOn={draft.hasKey} onChange={(hasKey) => set({ hasKey })} />
      {draft.hasKey && <TextField label={t('messages.key')} value={draft.key} onValue={(key) => set({ key })} />}
      <AreaField label={t('messages.body')} rows={5} autoFocus value={draft.body} onValue={(body) => set({ body })} />
      <AreaField
        label={t('messages.headers')}
        hint={t('messages.headersHint')}
        isOptional
        rows={2}
        error={faults.headers}
        value={draft.headers}
        onValue={(headers) => set({ headers })}
      />
      <SelectField
        label={t('topics.partition')}
        value={draft.partition}
        options={[
          ['key', t('messages.byKey')] as const,
          ...topic.partitions.map((one) => [String(one.partition), String(one.partition)] as const),
        ]}
        onValue={(partition) => set({ partition })}
      />
      <TextField
        label={t('messages.delay')}
        hint={t('messages.delayHint')}
        isOptional
        error={faults.delay}
        value={draft.delay}
        onValue={(value) => set({ delay: value })}
      />
    </>
  );
}

/** What a partition refused, as the call's own error. */
const refused = (error: { code: string; message: string; request_id?: string }) =>
  new ApiError(409, error.code, error.message, undefined, error.request_id);

async function send(
  topic: Topic,
  draft: Draft,
  delay: bigint | null,
  { producer, random }: { producer: string; random: number },
): Promise<Sent> {
  const partition = partitionFor(draft, topic.partitions.length, random);
  const message = toMessage(draft);
  const common = { topic: topic.name, partition, producer_id: producer, base_sequence: '0' };
  if (delay === null) {
    const answer = await take(http.POST('/messages', { body: { partitions: [{ ...common, messages: [message] }] } }));
    const [result] = answer.partitions;
    if (result?.error) throw refused(result.error);
    return { partition, offset: result?.base_offset ?? '0' };
  }
  const due_us = ((BigInt(Date.now()) + delay) * 1_000n).toString();
  const body = { partitions: [{ ...common, messages: [{ message, due_us }] }] };
  const [result] = (await take(http.POST('/delayed', { body }))).partitions;
  if (result?.error) throw refused(result.error);
  return { partition };
}
