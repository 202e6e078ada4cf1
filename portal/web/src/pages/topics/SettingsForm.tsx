import { useState } from 'react';

import { http, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { Button } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { AreaField, SelectField, TextField } from '@/ui/Field';
import { Form } from '@/ui/Form';

import { type Change, changedMeanwhile } from './changes';
import { DecisionNote } from './DecisionNote';
import { Notice } from './Notice';
import { OutcomeNote } from './OutcomeNote';
import { SETTINGS, type Setting, settingText } from './settings';
import { type Draft, draftChanges, draftOf, type Faults, faultsOf } from './settingsDraft';
import css from './Topic.module.css';
import type { Topic } from './topicRow';
import { type Outcome, useDecision, useProposal } from './useProposal';

/** Settings, description and number of partitions, with what the policy says of the change while one types. */
export function SettingsForm({ topic }: { topic: Topic }) {
  const t = useT();
  const forEver = t('topics.retentionForEver');
  // What it was when the form was opened: others may change it meanwhile.
  const [base, setBase] = useState(topic);
  const [draft, setDraft] = useState(() => draftOf(topic, forEver));
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const changes = draftChanges(base, draft);
  const faults = faultsOf(base, draft);
  const decision = useDecision(changes);
  const proposal = useProposal(setOutcome);
  const meanwhile = changedMeanwhile(base, topic);
  const reset = (from: Topic) => {
    setBase(from);
    setDraft(draftOf(from, forEver));
  };
  const save = useAct({
    // The API has no If-Match for topics: looking once more just before is what there is.
    act: async () => {
      const path = { name: topic.name };
      const now = (await take(http.GET('/topics/{name}', { params: { path } }))).topic;
      if (changedMeanwhile(base, now).length > 0) return null;
      const title = t('topics.requestTitle', { name: topic.name });
      const made = await proposal.mutateAsync({ changes, title, key: crypto.randomUUID() });
      if (!made.isDone && !made.request) return null;
      return (await take(http.GET('/topics/{name}', { params: { path } }))).topic;
    },
    touches: [['topics', topic.name]],
    toastErrors: false,
    onDone: (now) => now && reset(now),
  });
  const isRefused = decision.decision?.kind === 'refuse';
  const set = (change: Partial<Draft>) => {
    setOutcome(null);
    setDraft({ ...draft, ...change });
  };
  return (
    <div className={css.form}>
      <Form
        onSend={() => changes.length > 0 && !isRefused && save.mutate(undefined)}
        error={save.error}
        buttons={
          <>
            <Button onClick={() => reset(topic)}>{t('topics.discard')}</Button>
            <Button type="submit" kind="primary" isBusy={save.isPending} disabled={changes.length === 0 || isRefused}>
              {decision.decision?.kind === 'needs_approval' ? t('topics.askForIt') : t('common.save')}
            </Button>
          </>
        }
      >
        {meanwhile.length > 0 && (
          <div>
            <Notice tone="warn">{t('topics.changedMeanwhile', { what: meanwhile.join(', ') })}</Notice>
            <Button isSmall onClick={() => reset(topic)}>
              {t('topics.takeTheirs')}
            </Button>
          </div>
        )}
        <AreaField
          label={t('topics.description')}
          hint={t('topics.descriptionHint')}
          isOptional
          rows={6}
          maxLength={1_024}
          value={draft.description}
          onValue={(description) => set({ description })}
        />
        <SettingFields draft={draft} faults={faults} set={set} />
        <TextField
          label={t('topics.partitions')}
          hint={t('topics.partitionsHint')}
          error={faults.partitions && t('topics.partitionsFault', { n: base.partitions.length })}
          inputMode="numeric"
          value={draft.partitions}
          onValue={(partitions) => set({ partitions })}
        />
        {changes.length > 0 && <DecisionNote told={decision} />}
        {outcome && <OutcomeNote outcome={outcome} done={t('topics.saved')} />}
        {changes.length > 0 && <Command text={commandsOf(changes)} />}
      </Form>
    </div>
  );
}

function SettingFields({
  draft,
  faults,
  set,
}: {
  draft: Draft;
  faults: Faults;
  set: (change: Partial<Draft>) => void;
}) {
  const t = useT();
  const forEver = t('topics.retentionForEver');
  return SETTINGS.map((setting: Setting) => {
    const text = settingText(setting, setting.fallback, forEver);
    const common = {
      label: t(`topics.setting.${setting.name}`),
      hint: t(`topics.hint.${setting.name}`),
      value: draft.settings[setting.name] ?? '',
      onValue: (value: string) => set({ settings: { ...draft.settings, [setting.name]: value } }),
    };
    if (setting.choices) {
      const options: [string, string][] = setting.choices.map((choice) => [choice, choice]);
      const byDefault: [string, string] = ['', t('topics.settingDefault', { text })];
      return <SelectField key={setting.name} {...common} options={[byDefault, ...options]} />;
    }
    const fault = setting.kind === 'time' ? t('topics.timeFault') : t('topics.bytesFault');
    return (
      <TextField
        key={setting.name}
        {...common}
        placeholder={t('topics.settingDefault', { text })}
        error={faults[setting.name] && fault}
      />
    );
  });
}

/** The same on the command line. */
function commandsOf(changes: readonly Change[]): string {
  return changes
    .map((change) => {
      const name = String(change.name);
      if (change.kind === 'add_partitions')
        return commandLine('topic', 'add-partitions', name, Number(change.partitions));
      const set = Object.entries((change.set ?? {}) as Record<string, string>);
      const unset = (change.unset ?? []) as string[];
      return commandLine(
        ...['topic', 'alter', name],
        ...set.flatMap(([setting, value]) => ['--set', `${setting}=${value}`]),
        ...unset.flatMap((setting) => ['--unset', setting]),
        ...(change.description === undefined ? [] : ['--description', String(change.description)]),
      );
    })
    .join(' && ');
}
