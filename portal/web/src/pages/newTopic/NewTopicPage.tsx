import { useT } from '@/i18n/translate';
import { pathTo } from '@/lib/location';
import { useUrlState } from '@/lib/urlState';
import { ButtonLink } from '@/ui/Button';
import { Link } from '@/ui/Link';
import { Page } from '@/ui/Page';

import { NeedForm } from './NeedForm';
import { ReadyView } from './ReadyView';

const DEFAULTS = { topic: '', request: '' };

/** From what somebody needs to the first message: a topic, a token, a program. */
export default function NewTopicPage() {
  const t = useT();
  const [made, change] = useUrlState(DEFAULTS);
  const above = <Link to="/topics">{t('topics.title')}</Link>;
  if (made.topic === '') {
    return (
      <Page title={t('newTopic.title')} lead={t('newTopic.lead')} above={above}>
        <NeedForm onMade={(topic, request) => change({ topic, request: request ?? '' })} />
      </Page>
    );
  }
  return (
    <Page
      title={made.topic}
      lead={t('newTopic.readyLead')}
      above={above}
      actions={
        <>
          <ButtonLink to="/new-topic">{t('newTopic.another')}</ButtonLink>
          <ButtonLink to={pathTo('/topics/:name', { name: made.topic })}>{t('newTopic.openTopic')}</ButtonLink>
        </>
      }
    >
      <ReadyView key={made.topic} topic={made.topic} request={made.request} />
    </Page>
  );
}
