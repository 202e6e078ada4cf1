import { useT } from '@/i18n/translate';
import { CheckField, SelectField, TextField } from '@/ui/Field';

import { type Need, type NeedFaults, ORDERINGS, type Rules } from './need';
import css from './NewTopic.module.css';

export function NeedFields({
  need,
  set,
  faults,
  teams,
  rules,
  isOpen,
  proposed,
}: {
  need: Need;
  set: (change: Partial<Need>) => void;
  faults: NeedFaults;
  teams: string[];
  rules: Rules;
  isOpen: boolean;
  proposed: number | undefined;
}) {
  const t = useT();
  const orderings = { per_key: t('newTopic.perKey'), none: t('newTopic.noOrder'), all: t('newTopic.allInOrder') };
  return (
    <>
      {!isOpen && teams.length > 0 && (
        <SelectField
          label={t('newTopic.team')}
          value={need.team}
          options={[...(need.team === '' ? [['', ''] as const] : []), ...teams.map((team) => [team, team] as const)]}
          onValue={(team) => set({ team })}
        />
      )}
      <TextField
        label={t('topics.name')}
        hint={rules.beginsWithOwner ? t('newTopic.nameHintOwner', { team: need.team }) : t('newTopic.nameHint')}
        value={need.name}
        autoFocus
        onValue={(name) => set({ name })}
      />
      <div className={css.pair}>
        <TextField
          label={t('newTopic.perDay')}
          hint={t('newTopic.perDayHint')}
          error={faults.perDay && t('newTopic.perDayFault')}
          value={need.perDay}
          onValue={(perDay) => set({ perDay })}
        />
        <TextField
          label={t('newTopic.bytes')}
          hint={t('newTopic.bytesHint')}
          error={faults.bytes && t('topics.bytesFault')}
          value={need.bytes}
          onValue={(bytes) => set({ bytes })}
        />
      </div>
      <TextField
        label={t('topics.description')}
        hint={t('newTopic.descriptionHint')}
        maxLength={1_024}
        value={need.description}
        onValue={(description) => set({ description })}
      />
      <details className={css.more}>
        <summary>{t('newTopic.more')}</summary>
        <div className={css.fields}>
          <SelectField
            label={t('newTopic.ordering')}
            value={need.ordering}
            options={ORDERINGS.map((ordering) => [ordering, orderings[ordering]] as const)}
            onValue={(ordering) => set({ ordering })}
          />
          <TextField
            label={t('topics.setting.retention.ms')}
            hint={t('topics.hint.retention.ms')}
            error={faults.retention && t('topics.timeFault')}
            placeholder={t('topics.settingDefault', { text: '7 d' })}
            value={need.retention}
            onValue={(retention) => set({ retention })}
          />
          <TextField
            label={t('topics.partitions')}
            hint={t('newTopic.partitionsHint')}
            error={faults.partitions && t('topics.partitionsFault', { n: 1 })}
            placeholder={proposed === undefined ? '' : t('newTopic.proposed', { n: proposed })}
            inputMode="numeric"
            value={need.partitions}
            onValue={(partitions) => set({ partitions })}
          />
          {!isOpen && rules.tiers.length > 0 && (
            <SelectField
              label={t('newTopic.tier')}
              value={need.tier}
              options={[['', t('common.none')] as const, ...rules.tiers.map((tier) => [tier, tier] as const)]}
              onValue={(tier) => set({ tier })}
            />
          )}
        </div>
      </details>
      {!isOpen && need.team !== '' && (
        <CheckField
          label={t('newTopic.forPeople', { team: need.team })}
          hint={t('newTopic.forPeopleHint')}
          isOn={need.forPeople}
          onChange={(forPeople) => set({ forPeople })}
        />
      )}
      {!isOpen && need.team !== '' && need.forPeople && (
        <CheckField
          label={t('newTopic.withPeek')}
          hint={t('newTopic.withPeekHint')}
          isOn={need.withPeek}
          onChange={(withPeek) => set({ withPeek })}
        />
      )}
    </>
  );
}
