import { ChevronLeft, ChevronRight } from 'lucide-react';

import type { PageProps } from '@/app/routes';
import { useT } from '@/i18n/translate';
import { pathTo } from '@/lib/location';
import { Skeleton } from '@/ui/Await';
import { ButtonLink } from '@/ui/Button';
import { Empty } from '@/ui/Empty';
import { Link } from '@/ui/Link';
import { Card } from '@/ui/Page';

import { useAccess } from '../topics/topicData';
import { TopicFrame } from '../topics/TopicFrame';

import { idOf, type MessageId, messagePath, parseId } from './message';
import css from './Messages.module.css';
import { MessageView } from './MessageView';

/** One message by its link, there or not: /topics/orders/messages/0/42. */
export default function MessagePage({ params }: PageProps) {
  const t = useT();
  const name = params.name ?? '';
  const id = parseId(`${params.partition}/${params.offset}`);
  return (
    <TopicFrame key={name} name={name}>
      {() => (id ? <One topic={name} id={id} /> : <Empty title={t('messages.gone')} />)}
    </TopicFrame>
  );
}

function One({ topic, id }: { topic: string; id: MessageId }) {
  const t = useT();
  const access = useAccess(topic);
  const { partition, offset } = id;
  const all = pathTo('/topics/:name/messages', { name: topic });
  return (
    <>
      <div className={css.foot}>
        <Link to={`${all}?partition=${partition}&from=offset&offset=${offset}`}>{t('messages.allFromHere')}</Link>
        <div className={css.buttons}>
          {offset > 1n && (
            <ButtonLink
              isSmall
              icon={<ChevronLeft size={15} aria-hidden="true" />}
              to={messagePath(topic, { partition, offset: offset - 1n })}
            >
              {t('messages.before')}
            </ButtonLink>
          )}
          <ButtonLink isSmall to={messagePath(topic, { partition, offset: offset + 1n })}>
            {t('messages.after')}
            <ChevronRight size={15} aria-hidden="true" />
          </ButtonLink>
        </div>
      </div>
      <Card title={t('messages.oneTitle', { id: idOf(id) })}>
        {access ? <MessageView key={idOf(id)} topic={topic} id={id} access={access} /> : <Skeleton rows={6} />}
      </Card>
    </>
  );
}
