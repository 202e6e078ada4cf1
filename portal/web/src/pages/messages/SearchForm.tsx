import { Search } from 'lucide-react';
import { type FormEvent, useEffect, useState } from 'react';

import { useT } from '@/i18n/translate';
import { Button } from '@/ui/Button';
import { CheckField, TextField } from '@/ui/Field';

import css from './Messages.module.css';
import { faultsOf, isWish, TEXT_MAX, type Wish } from './search';

/** What to look for; all of it must hold. It counts when one is done with it. */
export function SearchForm({
  wish,
  partition,
  onSend,
}: {
  wish: Wish;
  partition: string;
  onSend: (wish: Wish) => void;
}) {
  const t = useT();
  const [draft, setDraft] = useState(wish);
  const words = JSON.stringify(wish);
  // Not when something else in the URL is another.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  useEffect(() => setDraft(wish), [words]);
  const faults = faultsOf(draft, partition);
  const isFine = isWish(draft, partition) && Object.keys(faults).length === 0;
  const text = (name: 'key' | 'header' | 'value' | 'body', label: string, hint?: string) => (
    <TextField
      label={label}
      placeholder={hint}
      maxLength={TEXT_MAX}
      error={faults[name] && t('messages.valueFault')}
      value={draft[name]}
      onValue={(value) => setDraft({ ...draft, [name]: value })}
    />
  );
  const moment = (name: 'since' | 'until', label: string) => (
    <TextField
      label={label}
      type="datetime-local"
      value={draft[name]}
      onValue={(value) => setDraft({ ...draft, [name]: value })}
    />
  );
  const offset = (name: 'first' | 'below', label: string) => (
    <TextField
      label={label}
      inputMode="numeric"
      error={faults[name] && t('messages.offsetFault')}
      value={draft[name]}
      onValue={(value) => setDraft({ ...draft, [name]: value.trim() })}
    />
  );
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (isFine) onSend(draft);
  };
  return (
    <form className={css.wish} role="search" onSubmit={send} noValidate>
      <div className={css.fields}>
        {text('body', t('messages.bodyHas'))}
        {text('key', t('messages.key'))}
        {text('header', t('messages.headerNamed'))}
        {text('value', t('messages.headerHas'), t('messages.anyValue'))}
        {moment('since', t('messages.since'))}
        {moment('until', t('messages.until'))}
        {partition !== '' && offset('first', t('messages.firstOffset'))}
        {partition !== '' && offset('below', t('messages.belowOffset'))}
      </div>
      <div className={css.foot}>
        <div className={css.checks}>
          <CheckField
            label={t('messages.wholeKey')}
            isOn={draft.whole}
            onChange={(whole) => setDraft({ ...draft, whole })}
          />
          <CheckField
            label={t('messages.anyCase')}
            isOn={draft.anycase}
            onChange={(anycase) => setDraft({ ...draft, anycase })}
          />
        </div>
        <Button
          type="submit"
          kind="primary"
          icon={<Search size={15} aria-hidden="true" />}
          disabled={!isFine}
          title={isWish(draft, partition) ? undefined : t('messages.wishNone')}
        >
          {t('messages.searchStart')}
        </Button>
      </div>
    </form>
  );
}
