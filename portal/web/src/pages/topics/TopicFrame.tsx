import { Braces } from 'lucide-react';
import type { ReactNode } from 'react';
import { useState } from 'react';

import { useT } from '@/i18n/translate';
import { pathTo } from '@/lib/location';
import { summaryOf } from '@/lib/markdown';
import { Await } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { IconButton } from '@/ui/Button';
import { Link } from '@/ui/Link';
import { Page } from '@/ui/Page';
import { Star } from '@/ui/Star';
import { Tabs } from '@/ui/Tabs';
import { YamlDialog } from '@/ui/YamlDialog';

import { DeletedCard } from './DeletedCard';
import { useTopic } from './topicData';
import { stateOf, type Topic } from './topicRow';

/**
 * Name, state and tabs of one topic, around the part that a page shows. `key` it by the name.
 * A deleted topic has little to show: it says so, and how it comes back.
 */
export function TopicFrame({
  name,
  actions,
  isOfDeleted = false,
  children,
}: {
  name: string;
  actions?: ReactNode;
  /** The page has something to show of a deleted topic, too. */
  isOfDeleted?: boolean;
  children: (topic: Topic) => ReactNode;
}) {
  const t = useT();
  const read = useTopic(name);
  const isDeleted = read.data?.deletion !== undefined;
  const [isYaml, setYaml] = useState(false);
  return (
    <Page
      title={name}
      lead={summaryOf(read.data?.description)}
      above={<Link to="/topics">{t('topics.title')}</Link>}
      marks={
        <>
          <Star of={`topic:${name}`} name={name} />
          {read.data && <State topic={read.data} />}
        </>
      }
      actions={
        <>
          {read.data && (
            <IconButton label={t('common.showYaml')} icon={<Braces size={17} />} onClick={() => setYaml(true)} />
          )}
          {!isDeleted && actions}
        </>
      }
    >
      {(read.data || !read.error) && (
        <TopicTabs name={name} isDeleted={isDeleted} partitions={read.data?.partitions.length} />
      )}
      <Await read={read}>
        {(topic) => (
          <>
            {topic.deletion && <DeletedCard topic={topic} />}
            {(!topic.deletion || isOfDeleted) && children(topic)}
          </>
        )}
      </Await>
      {isYaml && <YamlDialog title={name} value={read.data} onClose={() => setYaml(false)} />}
    </Page>
  );
}

function State({ topic }: { topic: Topic }) {
  const t = useT();
  const [tone, text] = stateOf(topic) ?? ['quiet' as const, null];
  return <Badge tone={tone}>{text ? t(text) : topic.state}</Badge>;
}

function TopicTabs({
  name,
  isDeleted,
  partitions,
}: {
  name: string;
  isDeleted: boolean;
  partitions: number | undefined;
}) {
  const t = useT();
  const to = (part: string) => pathTo(`/topics/:name${part}`, { name });
  const first = { to: to(''), text: t('topics.overview') };
  const last = { to: to('/history'), text: t('topics.history') };
  const others = [
    { to: to('/messages'), text: t('topics.messages') },
    { to: to('/partitions'), text: t('topics.partitionsTab'), count: partitions },
    { to: to('/subscriptions'), text: t('topics.subscriptions') },
    { to: to('/delayed'), text: t('topics.delayed') },
    { to: to('/settings'), text: t('topics.settings') },
  ];
  return <Tabs label={t('topics.parts', { name })} tabs={isDeleted ? [first, last] : [first, ...others, last]} />;
}
