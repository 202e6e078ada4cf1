import type { Schemas } from '@/api/client';
import { type Key, useT } from '@/i18n/translate';
import { exact } from '@/lib/format';
import { Section } from '@/pages/groups/Section';
import { Link } from '@/ui/Link';
import { Cards } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';
import { Time } from '@/ui/values';

import { type Look, sums } from './letterFilter';

type Sum = ReturnType<typeof sums>[number];

/** How many there are of each reason and topic; a press looks at these. */
export function LetterSums({
  counts,
  look,
  hrefOf,
}: {
  counts: readonly Schemas['DeadLetterCount'][];
  look: Look;
  hrefOf: (look: Partial<Look>) => string;
}) {
  if (counts.length === 0) return null;
  return (
    <Cards>
      {(['reason', 'topic'] as const).map((by) => (
        <SumTable
          key={by}
          by={by}
          rows={sums(counts, by)}
          chosen={look[by]}
          hrefOf={(name) => hrefOf({ [by]: name })}
        />
      ))}
    </Cards>
  );
}

const headers: Record<'reason' | 'topic', [title: Key, column: Key]> = {
  reason: ['deadLetters.byReason', 'deadLetters.reason'],
  topic: ['deadLetters.byTopic', 'deadLetters.topic'],
};

function SumTable({
  by,
  rows,
  chosen,
  hrefOf,
}: {
  by: 'reason' | 'topic';
  rows: Sum[];
  chosen: string;
  hrefOf: (name: string) => string;
}) {
  const t = useT();
  const [title, header] = headers[by];
  const columns: Column<Sum>[] = [
    {
      id: 'name',
      header: t(header),
      isWide: true,
      cell: ({ name }) => (
        <Link to={hrefOf(name === chosen ? '' : name)} replace aria-current={name === chosen || undefined}>
          {name === chosen ? <strong>{name}</strong> : name || t('deadLetters.noReason')}
        </Link>
      ),
    },
    { id: 'letters', header: t('deadLetters.letters'), align: 'end', cell: ({ letters }) => exact(letters) },
    { id: 'oldest', header: t('deadLetters.oldest'), align: 'end', cell: ({ oldest_us }) => <Time us={oldest_us} /> },
  ];
  return (
    <Section title={t(title)}>
      <Table id={`letters-${by}`} caption={t(title)} columns={columns} rows={rows} rowKey={({ name }) => name} />
    </Section>
  );
}
