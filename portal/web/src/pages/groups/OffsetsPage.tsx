import { useState } from 'react';

import { useAct } from '@/api/read';
import type { PageProps } from '@/app/routes';
import { useT } from '@/i18n/translate';
import { ErrorBox } from '@/ui/ErrorBox';

import { GroupFrame } from './GroupFrame';
import { PlanTable } from './PlanTable';
import { PastResets } from './PastResets';
import { readPlaces, readPlan, type ResetWish } from './readPlaces';
import { ResetForm } from './ResetForm';
import { planBack, type PlannedPlace } from './resetPlan';
import type { ResetBatch } from './resets';
import { Section } from './Section';

/** The offsets editor: what is wanted, what it would do, then the deed; and past deeds, to take back. */
export default function OffsetsPage({ params }: PageProps) {
  const t = useT();
  const group = params.group as string;
  const [plan, setPlan] = useState<PlannedPlace[] | null>(null);
  const [isBadList, setBadList] = useState(false);
  const make = useAct({
    act: readPlan,
    onDone: (made) => {
      setPlan(made);
      setBadList(made === null);
    },
    toastErrors: false,
  });
  const back = useAct({ act: (batch: ResetBatch) => planTheWayBack(group, batch), onDone: setPlan });
  return (
    <GroupFrame group={group}>
      <Section title={t('groups.resetTitle')} lead={t('groups.resetLead')}>
        <ResetForm
          group={group}
          isBusy={make.isPending}
          isBadList={isBadList}
          onPlan={(wish) => make.mutate(wish)}
          onChange={() => setPlan(null)}
        />
        {make.error && <ErrorBox error={make.error} title={t('groups.planFailed')} />}
        {plan && <PlanTable group={group} plan={plan} onDone={() => setPlan(null)} />}
      </Section>
      <PastResets group={group} isBusy={back.isPending} onPutBack={(batch) => back.mutate(batch)} />
    </GroupFrame>
  );
}

async function planTheWayBack(group: string, { resets }: ResetBatch): Promise<PlannedPlace[]> {
  const topics = [...new Set(resets.map(({ topic }) => topic))];
  const wish: ResetWish = { group, topic: '', partitions: '', way: 'offset', value: 0n, timeUs: '', other: '' };
  const places = await Promise.all(topics.map((topic) => readPlaces({ ...wish, topic })));
  return planBack(
    resets,
    places.flatMap((place) => place ?? []),
  );
}
