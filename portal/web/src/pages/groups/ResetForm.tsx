import { useId, useState } from 'react';

import { type Key, useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { timestamp, toBig } from '@/lib/format';
import { useSettings } from '@/lib/settings';
import { useUrlState } from '@/lib/urlState';
import { Button } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { SelectField, TextField } from '@/ui/Field';
import { Form } from '@/ui/Form';
import { Card } from '@/ui/Page';

import { resetWords, type ResetWish } from './readPlaces';
import { useGroupLag, useOffsets } from './reads';
import css from './ResetForm.module.css';
import { isWay, type Way, WAYS } from './resetPlan';
import { Stack } from './Section';
import { momentText, parseMoment, toUs } from './span';

const names: Record<Way, Key> = {
  earliest: 'groups.wayEarliest',
  latest: 'groups.wayLatest',
  time: 'groups.wayTime',
  offset: 'groups.wayOffset',
  shift: 'groups.wayShift',
  group: 'groups.wayGroup',
};
const HOUR_MS = 3_600_000;
/** What a link begins the form with. */
const FIRST = { topic: '', partitions: '', way: '', value: '' };

/** Where the group should be; the answer is a plan, nothing is changed yet. */
export function ResetForm({
  group,
  isBusy,
  isBadList,
  onPlan,
  onChange,
}: {
  group: string;
  isBusy: boolean;
  isBadList: boolean;
  onPlan: (wish: ResetWish) => void;
  onChange: () => void;
}) {
  const t = useT();
  const { clock } = useSettings();
  const [first] = useUrlState(FIRST);
  const [topic, setTopic] = useState(first.topic);
  const [partitions, setPartitions] = useState(first.partitions);
  const [way, setWay] = useState<Way>(isWay(first.way) ? first.way : 'earliest');
  const [value, setValue] = useState(first.value);
  const [time, setTime] = useState(() => momentText(Date.now() - HOUR_MS, clock));
  const [other, setOther] = useState('');
  const number = /^[+-]?\d{1,18}$/.test(value.trim()) ? toBig(value.trim().replace('+', '')) : null;
  const timeMs = parseMoment(time, clock);
  const isNumber = way === 'offset' || way === 'shift';
  const isReady =
    (!isNumber || number !== null) && (way !== 'time' || timeMs !== null) && (way !== 'group' || other !== '');
  const wish = { group, topic, partitions, way, other: other.trim() };
  const changed =
    <V,>(set: (value: V) => void) =>
    (to: V) => {
      set(to);
      onChange();
    };
  const send = () => {
    if (isReady) onPlan({ ...wish, value: number ?? 0n, timeUs: toUs(timeMs ?? 0) });
  };
  return (
    <Card>
      <Stack>
        <Form
          onSend={send}
          buttons={
            <Button type="submit" kind="primary" isBusy={isBusy} disabled={!isReady}>
              {t('groups.showPlan')}
            </Button>
          }
        >
          <div className={css.fields}>
            <TopicField group={group} value={topic} onValue={changed(setTopic)} />
            {topic && (
              <TextField
                label={t('groups.partitions')}
                hint={t('groups.partitionsHint')}
                error={isBadList ? t('groups.partitionsWrong') : undefined}
                isOptional
                value={partitions}
                onValue={changed(setPartitions)}
              />
            )}
            <SelectField
              label={t('groups.way')}
              options={WAYS.map((one) => [one, t(names[one])] as const)}
              value={way}
              onValue={(to) => isWay(to) && changed(setWay)(to)}
            />
            {isNumber && (
              <TextField
                label={t(way === 'offset' ? 'groups.offset' : 'groups.shift')}
                hint={t(way === 'offset' ? 'groups.offsetHint' : 'groups.shiftHint')}
                inputMode="numeric"
                value={value}
                onValue={changed(setValue)}
              />
            )}
            {way === 'time' && (
              <TextField
                label={t('groups.time')}
                hint={t(clock === 'utc' ? 'groups.timeUtc' : 'groups.timeLocal')}
                type="datetime-local"
                step={1}
                value={time}
                onValue={changed(setTime)}
              />
            )}
            {way === 'group' && <TextField label={t('groups.otherGroup')} value={other} onValue={changed(setOther)} />}
          </div>
        </Form>
        {isReady && (
          <Command text={commandLine(...resetWords({ ...wish, value: value.trim(), time: isoOf(timeMs) }))} />
        )}
      </Stack>
    </Card>
  );
}

const isoOf = (ms: number | null) => (ms === null ? '' : timestamp(ms, 'utc').replace(' ', 'T'));

/** One the group reads, or any other by its name; empty: all it has committed. */
function TopicField({ group, value, onValue }: { group: string; value: string; onValue: (topic: string) => void }) {
  const t = useT();
  const id = useId();
  const lag = useGroupLag(group);
  const offsets = useOffsets(group);
  const known = [...(lag.data?.topics ?? []), ...(offsets.data?.partitions ?? [])].map(({ topic }) => topic);
  return (
    <>
      <TextField
        label={t('groups.topic')}
        hint={t('groups.topicHint')}
        isOptional
        list={id}
        value={value}
        onValue={(text) => onValue(text.trim())}
      />
      <datalist id={id}>
        {[...new Set(known)].sort().map((topic) => (
          <option key={topic} value={topic} />
        ))}
      </datalist>
    </>
  );
}
