import { Search } from 'lucide-react';
import { type FormEvent, useEffect, useState } from 'react';

import { useT } from '@/i18n/translate';
import type { Going } from '@/lib/location';
import { Button } from '@/ui/Button';
import { CheckField, SelectField, TextField } from '@/ui/Field';

import type { Topic } from '../topics/topicRow';

import { type BrowseState, FROMS } from './browseState';
import css from './Messages.module.css';
import { PLACES } from './match';

/** From where on, in which partition, and with what in them. */
export function BrowseBar({
  topic,
  state,
  change,
  canTail,
  canSearch,
}: {
  topic: Topic;
  state: BrowseState;
  change: (values: Partial<BrowseState>, going?: Going) => void;
  canTail: boolean;
  canSearch: boolean;
}) {
  const t = useT();
  const fromTexts = {
    newest: t('messages.newest'),
    oldest: t('messages.oldest'),
    offset: t('messages.fromOffset'),
    time: t('messages.fromTime'),
  };
  const partitions = topic.partitions.map((one) => String(one.partition));
  return (
    <div className={css.bar}>
      <SelectField
        label={t('messages.from')}
        value={state.from}
        options={FROMS.map((from) => [from, fromTexts[from]] as const)}
        disabled={state.tail}
        onValue={(from) => change({ from, page: '' })}
      />
      {state.from === 'offset' && !state.tail && (
        <Settled label={t('messages.offset')} value={state.offset} onValue={(offset) => change({ offset, page: '' })} />
      )}
      {state.from === 'time' && !state.tail && (
        <TextField
          label={t('messages.time')}
          type="datetime-local"
          value={state.time}
          onValue={(time) => change({ time, page: '' }, { replace: true })}
        />
      )}
      <SelectField
        label={t('topics.partition')}
        value={state.partition}
        options={[['', t('common.all')] as const, ...partitions.map((one) => [one, one] as const)]}
        onValue={(partition) => change({ partition, page: '' })}
      />
      {canSearch && <SearchBox state={state} change={change} />}
      {canTail && (
        <div className={css.tailSwitch}>
          <CheckField
            label={t('messages.tail')}
            isOn={state.tail}
            onChange={(tail) => change({ tail, page: '', m: '' })}
          />
        </div>
      )}
    </div>
  );
}

/** A text that counts when one is done with it. */
function Settled({ label, value, onValue }: { label: string; value: string; onValue: (value: string) => void }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const done = (event?: FormEvent) => {
    event?.preventDefault();
    if (text !== value) onValue(text.trim());
  };
  return (
    <form onSubmit={done}>
      <TextField label={label} inputMode="numeric" value={text} onValue={setText} onBlur={() => done()} />
    </form>
  );
}

function SearchBox({ state, change }: Pick<Parameters<typeof BrowseBar>[0], 'state' | 'change'>) {
  const t = useT();
  const [text, setText] = useState(state.q);
  useEffect(() => setText(state.q), [state.q]);
  const placeTexts = {
    any: t('messages.anywhere'),
    key: t('messages.key'),
    body: t('messages.body'),
    header: t('messages.headers'),
  };
  return (
    <form
      className={css.search}
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        change({ q: text.trim(), m: '' });
      }}
    >
      <TextField
        label={t('messages.search')}
        type="search"
        placeholder={t('messages.searchHint')}
        value={text}
        onValue={(value) => {
          setText(value);
          // The cross of the box.
          if (value === '' && state.q !== '') change({ q: '' });
        }}
      />
      <SelectField
        label={t('messages.searchIn')}
        value={state.place}
        options={PLACES.map((place) => [place, placeTexts[place]] as const)}
        onValue={(place) => change({ place })}
      />
      <Button type="submit" icon={<Search size={15} aria-hidden="true" />}>
        {t('common.search')}
      </Button>
    </form>
  );
}
