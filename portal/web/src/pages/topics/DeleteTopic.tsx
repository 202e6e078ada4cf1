import { useMemo, useRef } from 'react';

import { useT } from '@/i18n/translate';
import { exact, timestamp, toMs } from '@/lib/format';
import { navigate, pathTo } from '@/lib/location';
import { useSettings } from '@/lib/settings';
import { ConfirmByName } from '@/ui/ConfirmByName';
import { toast } from '@/ui/toast';

import { DecisionNote } from './DecisionNote';
import { readListed, undoOf } from './deletion';
import { keptOf } from './offsets';
import css from './Topic.module.css';
import { useEnds, useLagOf } from './topicData';
import type { Topic } from './topicRow';
import { useDecision, useProposal } from './useProposal';
import { useUndelete } from './useUndelete';

/** Deletes a topic, or asks for it, after its name has been typed. */
export function DeleteTopic({ topic, onClose }: { topic: Topic; onClose: () => void }) {
  const t = useT();
  const key = useRef(crypto.randomUUID());
  const changes = useMemo(() => [{ kind: 'delete_topic', name: topic.name }], [topic.name]);
  const told = useDecision(changes);
  const ends = useEnds(topic);
  const lag = useLagOf(topic.name);
  const kept = ends.data ? keptOf(ends.data) : null;
  const groups = lag.data?.topics ?? [];
  const undelete = useUndelete();
  const { clock } = useSettings();
  const tell = async () => {
    const { name } = topic;
    const { isOffered, untilUs } = undoOf(await readListed(name).catch(() => undefined));
    const until = toMs(untilUs);
    toast.show({
      tone: 'good',
      text:
        until === null
          ? t('topics.deleted', { name })
          : t('topics.deletedUntil', { name, when: timestamp(until, clock) }),
      ...(isOffered && { action: { label: t('topics.undo'), act: () => undelete.mutate(name) } }),
    });
  };
  const act = useProposal((outcome) => {
    if (outcome.isDone) {
      void tell();
      navigate('/topics');
    } else if (outcome.request) {
      const { id } = outcome.request;
      toast.show({
        tone: 'info',
        text: t('topics.deleteAsked', { id }),
        action: { label: t('topics.requestOpen'), act: () => navigate(pathTo('/requests/:id', { id })) },
      });
      onClose();
    } else {
      toast.show({ tone: 'bad', text: t('topics.decisionRefuse') });
    }
  });
  const isAsked = told.decision?.kind === 'needs_approval';
  return (
    <ConfirmByName
      title={t('topics.deleteTitle', { name: topic.name })}
      name={topic.name}
      action={isAsked ? t('topics.askForDeletion') : t('topics.delete')}
      asksReason
      isBusy={act.isPending}
      error={act.error}
      onConfirm={(reason) =>
        act.mutate({ changes, title: t('topics.deleteTitle', { name: topic.name }), reason, key: key.current })
      }
      onClose={onClose}
      consequences={
        <>
          <ul className={css.list}>
            <li>
              {kept?.messages == null
                ? t('topics.deleteUnknown')
                : t('topics.deleteMessages', { n: exact(kept.messages), p: topic.partitions.length })}
            </li>
            <li>
              {groups.length === 0
                ? t('topics.deleteNoGroups')
                : t('topics.deleteGroups', {
                    n: groups.length,
                    who: groups
                      .slice(0, 5)
                      .map((one) => one.group)
                      .join(', '),
                  })}
            </li>
            <li>{t('topics.deleteUndo')}</li>
          </ul>
          <DecisionNote told={told} />
        </>
      }
    />
  );
}
