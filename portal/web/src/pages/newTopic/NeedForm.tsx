import { useEffect, useRef, useState } from 'react';

import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { Button } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { Form } from '@/ui/Form';
import { Card } from '@/ui/Page';

import { DecisionNote } from '../topics/DecisionNote';
import { Notice } from '../topics/Notice';
import { OutcomeNote } from '../topics/OutcomeNote';
import type { Outcome } from '../topics/useProposal';
import { useDecision, useProposal } from '../topics/useProposal';

import { EMPTY_NEED, faultsOf, fixed, type Need, needChanges, renamed } from './need';
import { useRules, useSize, useTeams } from './needData';
import { NeedFields } from './NeedFields';
import css from './NewTopic.module.css';
import { Proposal } from './Proposal';

/** Asks for the need, not for partitions, and shows what the policy says of it while one types. */
export function NeedForm({ onMade }: { onMade: (topic: string, request: string | undefined) => void }) {
  const t = useT();
  const teams = useTeams();
  const rules = useRules();
  const [need, setNeed] = useState<Need>(EMPTY_NEED);
  const [refusal, setRefusal] = useState<Outcome | null>(null);
  const key = useRef(crypto.randomUUID());
  const size = useSize(need);
  const set = (change: Partial<Need>) => {
    key.current = crypto.randomUUID();
    setRefusal(null);
    setNeed((before) => {
      const after = { ...before, ...change };
      return after.team === before.team
        ? after
        : { ...after, name: renamed(after.name, before.team, after.team, rules) };
    });
  };
  // Most people have one team: it is chosen for them, and the name begins with it where the policy wants that.
  useEffect(() => {
    const team = need.team === '' ? teams?.[0] : need.team;
    if (team !== undefined)
      setNeed((before) => ({ ...before, team, name: renamed(before.name, before.team, team, rules) }));
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [teams?.[0], rules.beginsWithOwner]);

  const isOpen = useDecision([]).isOpen;
  const changes = needChanges(need, size.data?.partitions, { isOpen });
  const told = useDecision(changes);
  const act = useProposal((outcome, proposal) => {
    const name = String(proposal.changes[0]?.name);
    if (outcome.isDone || outcome.request) onMade(name, outcome.request?.id);
    else setRefusal(outcome);
  });
  const isRefused = told.decision?.kind === 'refuse';
  const isAsked = told.decision?.kind === 'needs_approval';
  const canSend = changes.length > 0 && !isRefused;
  return (
    <div className={css.columns}>
      <Card>
        <Form
          onSend={() =>
            canSend &&
            act.mutate({ changes, title: t('newTopic.requestTitle', { name: need.name.trim() }), key: key.current })
          }
          error={act.error}
          buttons={
            <Button type="submit" kind="primary" disabled={!canSend} isBusy={act.isPending}>
              {isAsked ? t('topics.askForIt') : t('topics.create')}
            </Button>
          }
        >
          {teams?.length === 0 && !isOpen && <Notice tone="warn">{t('newTopic.noTeam')}</Notice>}
          <NeedFields
            need={need}
            set={set}
            faults={faultsOf(need)}
            teams={teams ?? []}
            rules={rules}
            isOpen={isOpen}
            proposed={size.data?.partitions}
          />
          {refusal && <OutcomeNote outcome={refusal} done="" />}
        </Form>
      </Card>
      <div className={css.aside}>
        <DecisionNote
          told={told}
          onFix={({ field, fix }) => {
            const after = fixed(need, field, fix ?? '');
            return after ? () => set(after) : undefined;
          }}
        />
        <Proposal size={size} need={need} cost={told.decision?.cost} />
        {need.name.trim() !== '' && size.data && (
          <Command
            text={commandLine(
              'topic',
              'create',
              need.name.trim(),
              '-p',
              need.partitions.trim() || size.data.partitions,
            )}
          />
        )}
      </div>
    </div>
  );
}
