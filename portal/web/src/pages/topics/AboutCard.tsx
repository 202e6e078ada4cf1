import { useT } from '@/i18n/translate';
import { TeamLink, WhomToAsk } from '@/pages/teams/TeamLink';
import { useOwner } from '@/pages/teams/ownership';
import { Card, Facts } from '@/ui/Page';
import { Num, Time } from '@/ui/values';

import { SETTINGS, settingText } from './settings';
import { useNodes } from './topicData';
import { nodesOf, type Topic } from './topicRow';

/** Whose it is, how long it keeps messages, where they are. */
export function AboutCard({ topic }: { topic: Topic }) {
  const t = useT();
  const owner = useOwner('topic', topic.name);
  const nodes = useNodes();
  return (
    <Card title={t('topics.about')}>
      <Facts
        of={[
          [
            t('topics.owner'),
            owner.data === undefined ? '…' : <TeamLink key="o" team={owner.data} none={t('topics.ownerNone')} />,
          ],
          [t('teams.whomToAsk'), owner.data && <WhomToAsk key="w" team={owner.data} />],
          ...SETTINGS.map((setting): [string, string] => [
            t(`topics.setting.${setting.name}`),
            valueText(topic, setting, t),
          ]),
          [t('topics.partitions'), <Num key="n" value={topic.partitions.length} />],
          [
            t('topics.nodes'),
            nodesOf(topic)
              .map((id) => nodes?.get(id)?.name ?? t('topics.nodeNumber', { id }))
              .join(', '),
          ],
          [t('topics.created'), topic.created_at_us && <Time key="c" us={topic.created_at_us} />],
          [t('topics.id'), <Num key="i" value={topic.topic_id} isExact />],
        ]}
      />
    </Card>
  );
}

function valueText(topic: Topic, setting: (typeof SETTINGS)[number], t: ReturnType<typeof useT>): string {
  const value = topic.config?.[setting.name];
  const text = settingText(setting, value ?? setting.fallback, t('topics.retentionForEver'));
  return value === undefined ? t('topics.settingDefault', { text }) : text;
}
