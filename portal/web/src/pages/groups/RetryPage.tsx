import { Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';

import { http, take } from '@/api/client';
import { useAct, useRead } from '@/api/read';
import { nameOf } from '@/api/session';
import type { PageProps } from '@/app/routes';
import { type T, useT } from '@/i18n/translate';
import { duration } from '@/lib/format';
import { Await } from '@/ui/Await';
import { Button } from '@/ui/Button';
import { ConfirmByName } from '@/ui/ConfirmByName';
import { Card, Facts } from '@/ui/Page';
import { Time } from '@/ui/values';

import { GroupFrame } from './GroupFrame';
import { type HeldPolicy, policiesOf } from './policies';
import { groupKey } from './reads';
import { RetryDialog } from './RetryDialog';
import { DEFAULT_POLICY, patienceOf, type RetryPolicy, waitsOf } from './retryForm';
import { Note, Section } from './Section';

export default function RetryPage({ params }: PageProps) {
  const group = params.group as string;
  const read = useRead([...groupKey(group), 'policies'], (signal) =>
    take(http.GET('/groups/{group}/policies', { params: { path: { group } }, signal })),
  );
  return (
    <GroupFrame group={group}>
      <Await read={read}>{({ policies }) => <Policies group={group} held={policiesOf(policies)} />}</Await>
    </GroupFrame>
  );
}

function Policies({ group, held }: { group: string; held: HeldPolicy[] }) {
  const t = useT();
  const [isOpen, setOpen] = useState(false);
  const hasGeneral = held.some(({ topic }) => topic === '');
  return (
    <Section
      title={t('groups.retryTitle')}
      lead={t('groups.retryLead')}
      actions={
        <Button icon={<Plus size={15} aria-hidden="true" />} onClick={() => setOpen(true)}>
          {t('groups.retryForTopic')}
        </Button>
      }
    >
      {!hasGeneral && (
        <PolicyCard group={group} held={{ topic: '', policy: DEFAULT_POLICY, isUneven: false }} isDefault />
      )}
      {held.map((one) => (
        <PolicyCard key={one.topic} group={group} held={one} />
      ))}
      {isOpen && <RetryDialog group={group} topic={null} policy={DEFAULT_POLICY} onClose={() => setOpen(false)} />}
    </Section>
  );
}

const WAITS_SHOWN = 8;

function waitsText(policy: RetryPolicy): string {
  const waits = waitsOf(policy, WAITS_SHOWN + 1);
  return waits.slice(0, WAITS_SHOWN).map(duration).join(', ') + (waits.length > WAITS_SHOWN ? ', …' : '');
}

const percent = (share: number | undefined) => `${Math.round((share ?? DEFAULT_POLICY.jitter) * 100)} %`;

const factsOf = ({ policy, at_us, requested_by }: HeldPolicy, t: T): [string, React.ReactNode][] => [
  [t('groups.maxAttempts'), policy.max_attempts ?? DEFAULT_POLICY.max_attempts],
  [t('groups.waits'), waitsText(policy) || t('groups.waitsNone')],
  [t('groups.patience'), duration(patienceOf(policy))],
  [t('groups.jitter'), percent(policy.jitter)],
  [t('groups.fatalReasons'), policy.fatal_reasons?.join(', ')],
  [t('groups.retryableReasons'), policy.retryable_reasons?.join(', ')],
  [t('groups.changed'), at_us && <Time us={at_us} />],
  [t('groups.who'), requested_by && nameOf(requested_by)],
];

function PolicyCard({ group, held, isDefault = false }: { group: string; held: HeldPolicy; isDefault?: boolean }) {
  const t = useT();
  const [open, setOpen] = useState<'edit' | 'remove' | null>(null);
  const title = held.topic || t(isDefault ? 'groups.retryDefault' : 'groups.retryAllTopics');
  return (
    <Card
      title={title}
      actions={
        <>
          <Button isSmall icon={<Pencil size={14} aria-hidden="true" />} onClick={() => setOpen('edit')}>
            {t('common.edit')}
          </Button>
          {!isDefault && (
            <Button isSmall icon={<Trash2 size={14} aria-hidden="true" />} onClick={() => setOpen('remove')}>
              {t('groups.retryRemove')}
            </Button>
          )}
        </>
      }
    >
      {held.isUneven && (
        <Note tone="warn">
          <p>{t('groups.retryUneven')}</p>
        </Note>
      )}
      <Facts of={factsOf(held, t)} />
      {open === 'edit' && (
        <RetryDialog group={group} topic={held.topic} policy={held.policy} onClose={() => setOpen(null)} />
      )}
      {open === 'remove' && <RemoveDialog group={group} topic={held.topic} onClose={() => setOpen(null)} />}
    </Card>
  );
}

function RemoveDialog({ group, topic, onClose }: { group: string; topic: string; onClose: () => void }) {
  const t = useT();
  const remove = useAct({
    act: () => take(http.PUT('/groups/{group}/policy', { params: { path: { group } }, body: topic ? { topic } : {} })),
    touches: [groupKey(group)],
    done: () => t('groups.retryRemoved'),
    onDone: onClose,
    toastErrors: false,
  });
  return (
    <ConfirmByName
      title={t('groups.retryRemove')}
      name={group}
      consequences={<p>{t(topic ? 'groups.retryRemoveTopic' : 'groups.retryRemoveAll', { topic })}</p>}
      action={t('groups.retryRemove')}
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(undefined)}
      onClose={onClose}
    />
  );
}
