import { type FormEvent, useEffect, useState } from 'react';

import { useT } from '@/i18n/translate';
import type { Going } from '@/lib/location';
import { Button } from '@/ui/Button';
import { SelectField, TextField } from '@/ui/Field';

import type { Access } from '../topics/topicData';
import type { Topic } from '../topics/topicRow';

import { type BrowseState, FROMS, WAYS, wayOf } from './browseState';
import css from './Messages.module.css';
import { PLACES } from './match';

interface BarProps {
  topic: Topic;
  access: Access;
  state: BrowseState;
  change: (values: Partial<BrowseState>, going?: Going) => void;
}

/** In which way, and where: from where on, in which partition; while they come, with what in them. */
export function BrowseBar(props: BarProps) {
  const { topic, access, state, change } = props;
  const t = useT();
  const way = wayOf(state);
  const partitions = topic.partitions.map((one) => String(one.partition));
  return (
    <>
      <Ways {...props} />
      <div className={css.bar}>
        {way === '' && <Place {...props} />}
        <SelectField
          label={t('topics.partition')}
          value={state.partition}
          options={[['', t('common.all')] as const, ...partitions.map((one) => [one, one] as const)]}
          onValue={(partition) => change({ partition, page: '' })}
        />
        {way === 'tail' && access.peek.isAllowed && <OnlyBox state={state} change={change} />}
      </div>
    </>
  );
}

function Ways({ access, state, change }: BarProps) {
  const t = useT();
  const texts = { '': t('messages.browse'), search: t('messages.searchWay'), tail: t('messages.tail') };
  const needed = { '': undefined, search: access.peek, tail: access.consume };
  const chosen = wayOf(state);
  return (
    <div className={css.buttons} role="group" aria-label={t('messages.way')}>
      {WAYS.map((way) => {
        const need = needed[way];
        return (
          <Button
            key={way}
            isSmall
            kind={way === chosen ? 'normal' : 'quiet'}
            aria-pressed={way === chosen}
            disabled={need?.isAllowed === false}
            title={need?.isAllowed === false ? need.because : undefined}
            onClick={() => change({ view: way, page: '', m: '' })}
          >
            {texts[way]}
          </Button>
        );
      })}
    </div>
  );
}

function Place({ state, change }: BarProps) {
  const t = useT();
  const fromTexts = {
    newest: t('messages.newest'),
    oldest: t('messages.oldest'),
    offset: t('messages.fromOffset'),
    time: t('messages.fromTime'),
  };
  return (
    <>
      <SelectField
        label={t('messages.from')}
        value={state.from}
        options={FROMS.map((from) => [from, fromTexts[from]] as const)}
        onValue={(from) => change({ from, page: '' })}
      />
      {state.from === 'offset' && (
        <Settled label={t('messages.offset')} value={state.offset} onValue={(offset) => change({ offset, page: '' })} />
      )}
      {state.from === 'time' && (
        <TextField
          label={t('messages.time')}
          type="datetime-local"
          value={state.time}
          onValue={(time) => change({ time, page: '' }, { replace: true })}
        />
      )}
    </>
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

/** What of the live tail is shown: it is looked through here, as it comes. */
function OnlyBox({ state, change }: Pick<BarProps, 'state' | 'change'>) {
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
        label={t('messages.only')}
        type="search"
        placeholder={t('messages.onlyHint')}
        value={text}
        onValue={(value) => {
          setText(value);
          // The cross of the box.
          if (value === '' && state.q !== '') change({ q: '' });
        }}
      />
      <SelectField
        label={t('messages.onlyIn')}
        value={state.place}
        options={PLACES.map((place) => [place, placeTexts[place]] as const)}
        onValue={(place) => change({ place })}
      />
      <Button type="submit">{t('messages.onlyThese')}</Button>
    </form>
  );
}
