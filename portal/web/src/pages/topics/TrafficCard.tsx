import type { ReactNode } from 'react';

import { useT } from '@/i18n/translate';
import { Skeleton, Stale } from '@/ui/Await';
import { Card } from '@/ui/Page';
import { Num, Rate, Time } from '@/ui/values';

import { type Ends, keptOf, WINDOWS_MS } from './offsets';
import css from './Topic.module.css';
import { TRAFFIC_PARTITIONS_MAX, useEnds, useTraffic } from './topicData';
import type { Topic } from './topicRow';

const SECONDS = WINDOWS_MS[0] / 1_000;

/** How much comes in and how much is kept, counted by offsets. */
export function TrafficCard({ topic }: { topic: Topic }) {
  const t = useT();
  const ends = useEnds(topic, { withOldest: topic.partitions.length <= TRAFFIC_PARTITIONS_MAX });
  const traffic = useTraffic(topic);
  const isCounted = topic.partitions.length <= TRAFFIC_PARTITIONS_MAX;
  const [minute, hour, day] = traffic.data ?? [];
  return (
    <Card title={t('topics.traffic')}>
      {ends.data ? (
        <>
          <Stale read={ends} />
          <dl className={css.figures}>
            {isCounted && (
              <>
                <Figure name={t('topics.rateNow')} note={t('topics.lastMinute')}>
                  <Rate value={minute === null || minute === undefined ? null : Number(minute) / SECONDS} />
                </Figure>
                <Figure name={t('topics.lastHour')}>
                  <Num value={hour?.toString()} />
                </Figure>
                <Figure name={t('topics.lastDay')}>
                  <Num value={day?.toString()} />
                </Figure>
              </>
            )}
            <Kept ends={ends.data} />
          </dl>
          {traffic.error && <p className={css.note}>{t('topics.trafficFailed', { why: traffic.error.message })}</p>}
          {!isCounted && <p className={css.note}>{t('topics.trafficTooMany', { n: TRAFFIC_PARTITIONS_MAX })}</p>}
        </>
      ) : ends.error ? (
        <Stale read={ends} />
      ) : (
        <Skeleton rows={2} />
      )}
    </Card>
  );
}

function Kept({ ends }: { ends: Ends[] }) {
  const t = useT();
  const { messages, isWhole } = keptOf(ends);
  const missing = ends.filter((one) => one.error).length;
  const oldest = ends.map((one) => one.oldestUs).reduce(older, undefined);
  return (
    <>
      <Figure name={t('topics.kept')} note={isWhole ? undefined : t('topics.keptPart', { n: missing })}>
        <Num value={messages?.toString()} />
      </Figure>
      {oldest !== undefined && (
        <Figure name={t('topics.oldest')}>
          <Time us={oldest} />
        </Figure>
      )}
    </>
  );
}

const older = (a: string | undefined, b: string | undefined) =>
  a === undefined ? b : b === undefined || BigInt(a) < BigInt(b) ? a : b;

function Figure({ name, note, children }: { name: string; note?: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {children}
        {note && <small>{note}</small>}
      </dd>
    </div>
  );
}
