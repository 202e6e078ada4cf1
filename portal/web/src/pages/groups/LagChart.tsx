import { lazy, Suspense, useMemo } from 'react';

import { http, take } from '@/api/client';
import { useRead } from '@/api/read';
import { type Key, useT } from '@/i18n/translate';
import { compact, duration, rate } from '@/lib/format';
import { useNow } from '@/lib/now';
import { useUrlState } from '@/lib/urlState';
import { Await, Skeleton } from '@/ui/Await';
import { Card } from '@/ui/Page';

import { Choice } from './Choice';
import type { TopicLag } from './lagRow';
import { isRange, type Range, RANGES, rangeOf, lagSeries, type LagSeries } from './lagSeries';
import { Stack } from './Section';
import { toUs } from './span';

const Chart = lazy(() => import('@/ui/Chart'));

const STATE = { range: '1h' };
const names: Record<Range, Key> = {
  '1h': 'groups.last1h',
  '6h': 'groups.last6h',
  '24h': 'groups.last24h',
  '7d': 'groups.last7d',
  '35d': 'groups.last35d',
};

/** How the lag of a group on a topic has gone, in time and in messages, and what came and was read. */
export function LagChart({ lag: { group, topic, objective_ms } }: { lag: TopicLag }) {
  const t = useT();
  const [state, change] = useUrlState(STATE);
  const range = isRange(state.range) ? state.range : '1h';
  const { fromMs, untilMs } = rangeOf(range, useNow());
  const history = useRead(['groups', group, 'lag-history', topic, fromMs, untilMs], (signal) => {
    const query = { topic, from_us: toUs(fromMs), until_us: toUs(untilMs), max_points: 400 };
    return take(http.GET('/groups/{group}/lag-history', { params: { path: { group }, query }, signal }));
  });
  return (
    <Card
      title={t('groups.chartOf', { topic })}
      actions={
        <Choice
          label={t('groups.range')}
          options={(Object.keys(RANGES) as Range[]).map((one) => [one, t(names[one])] as const)}
          value={range}
          onValue={(wanted) => change({ range: wanted }, { replace: true })}
        />
      }
    >
      <Await read={history} skeleton={<Skeleton rows={7} />}>
        {({ points, step_ms }) =>
          points.length === 0 ? (
            <p>{t('groups.noHistory')}</p>
          ) : (
            <Charts points={points} stepMs={Number(step_ms)} topic={topic} objectiveMs={Number(objective_ms)} />
          )
        }
      </Await>
    </Card>
  );
}

function Charts({
  points,
  stepMs,
  topic,
  objectiveMs,
}: {
  points: Parameters<typeof lagSeries>[0];
  stepMs: number;
  topic: string;
  objectiveMs: number;
}) {
  const t = useT();
  const series = useMemo(() => lagSeries(points, stepMs), [points, stepMs]);
  const ofLag = useMemo(() => seriesOfLag(series, objectiveMs, t), [series, objectiveMs, t]);
  const ofRates = useMemo(() => seriesOfRates(series, t), [series, t]);
  return (
    <Suspense fallback={<Skeleton rows={7} />}>
      <Stack>
        <Chart caption={t('groups.chartOf', { topic })} times={series.times} series={ofLag} />
        <Chart caption={t('groups.chartRates', { topic })} times={series.times} series={ofRates} height={130} />
        <p>{t('groups.chartStep', { span: duration(stepMs) })}</p>
      </Stack>
    </Suspense>
  );
}

type T = ReturnType<typeof useT>;

const seriesOfLag = ({ times, lagMs, messages }: LagSeries, objectiveMs: number, t: T) => [
  { label: t('groups.lagTime'), values: lagMs, write: duration, color: 'accent' as const },
  {
    label: t('groups.objective'),
    values: times.map(() => objectiveMs),
    write: duration,
    color: 'bad' as const,
    isDashed: true,
  },
  { label: t('groups.lagMessages'), values: messages, write: compact, color: 'info' as const, isRight: true },
];

const perSecond = (value: number) => `${rate(value)}/s`;

const seriesOfRates = ({ inRate, outRate }: LagSeries, t: T) => [
  { label: t('groups.inRate'), values: inRate, write: perSecond, color: 'info' as const },
  { label: t('groups.outRate'), values: outRate, write: perSecond, color: 'accent' as const },
];
