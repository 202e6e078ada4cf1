import type { Schemas } from '@/api/client';
import type { Read } from '@/api/read';
import { useT } from '@/i18n/translate';
import { Await } from '@/ui/Await';
import { Card, Facts } from '@/ui/Page';
import { Bytes, Num } from '@/ui/values';

import type { Need } from './need';
import css from './NewTopic.module.css';

/** What is proposed for the need, and why. */
export function Proposal({
  size,
  need,
  cost,
}: {
  size: Read<Schemas['ProposeSizeResponse']>;
  need: Need;
  /** Of what stands in the form, once the policy has said it; else of the proposal. */
  cost: Schemas['Cost'] | undefined;
}) {
  const t = useT();
  return (
    <Card title={t('newTopic.proposal')}>
      <Await read={size}>
        {(data) => {
          const shown = cost ?? data.cost;
          return (
            <>
              <Facts
                of={[
                  [t('topics.partitions'), <Num key="p" value={need.partitions.trim() || data.partitions} />],
                  [t('newTopic.perDay'), <Num key="m" value={shown.messages_per_day} />],
                  [t('newTopic.stored'), <Bytes key="b" value={shown.stored_bytes} />],
                ]}
              />
              <ul className={css.notes}>
                {data.notes.map((note) => (
                  <li key={note}>{note}</li>
                ))}
              </ul>
            </>
          );
        }}
      </Await>
    </Card>
  );
}
