import { Users } from 'lucide-react';

import type { PageProps } from '@/app/routes';
import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { useUrlState } from '@/lib/urlState';
import { Await } from '@/ui/Await';
import { Command } from '@/ui/CopyButton';
import { Empty } from '@/ui/Empty';

import { GroupFrame } from './GroupFrame';
import { useHere } from './here';
import { LagChart } from './LagChart';
import type { TopicLag } from './lagRow';
import { useGroupLag } from './reads';
import { Sampled } from './Sampled';
import { TopicCards } from './TopicCards';
import { TopicTable } from './TopicTable';

const STATE = { topic: '' };

export default function GroupPage({ params }: PageProps) {
  const group = params.group as string;
  const lag = useGroupLag(group);
  return (
    <GroupFrame group={group}>
      <Await read={lag}>
        {(data) => (
          <>
            <Sampled lag={data} />
            {data.topics.length === 0 ? <NothingRead group={group} /> : <Overview topics={data.topics} />}
          </>
        )}
      </Await>
    </GroupFrame>
  );
}

/** One topic at a time; the worst unless another is chosen. */
function Overview({ topics }: { topics: TopicLag[] }) {
  const [{ topic }] = useUrlState(STATE);
  const here = useHere(STATE);
  const shown = topics.find((lag) => lag.topic === topic) ?? (topics[0] as TopicLag);
  return (
    <>
      {topics.length > 1 && <TopicTable topics={topics} shown={shown.topic} hrefOf={(name) => here({ topic: name })} />}
      <TopicCards lag={shown} />
      <LagChart lag={shown} />
    </>
  );
}

function NothingRead({ group }: { group: string }) {
  const t = useT();
  return (
    <Empty icon={<Users size={28} />} title={t('groups.nothingReadTitle')} text={t('groups.nothingReadText')}>
      <Command text={commandLine('consume', 'TOPIC', '-g', group)} />
    </Empty>
  );
}
