import { http, take } from '@/api/client';
import { useRead } from '@/api/read';
import { useT } from '@/i18n/translate';
import { useOwner } from '@/pages/teams/ownership';
import { Await } from '@/ui/Await';
import { Card } from '@/ui/Page';
import { Time } from '@/ui/values';

import css from './Topic.module.css';
import { useIsOpen } from './topicData';
import type { Topic } from './topicRow';

/** Who may write and read: the owner's services, and grants. */
export function PeersCard({ topic }: { topic: Topic }) {
  const t = useT();
  const isOpen = useIsOpen();
  const owner = useOwner('topic', topic.name);
  const grants = useRead(
    ['grants', 'topic', topic.name],
    (signal) =>
      take(http.GET('/grants', { params: { query: { kind: 'topic', name: topic.name, limit: 100 } }, signal })),
    { enabled: !isOpen, refresh: 60_000 },
  );
  if (isOpen) {
    return (
      <Card title={t('topics.peers')}>
        <p className={css.soft}>{t('topics.peersOpen')}</p>
      </Card>
    );
  }
  return (
    <Card title={t('topics.peers')}>
      <Await read={grants}>
        {(data) => (
          <ul className={css.list}>
            {owner.data && (
              <li>
                <code>{t('topics.servicesOf', { team: owner.data })}</code>
                <span className={css.soft}>{t('topics.asOwner')}</span>
              </li>
            )}
            {data.grants.map((grant) => (
              <li key={grant.id}>
                <code>{grant.principal}</code>
                <span>{grant.actions.join(', ')}</span>
                {grant.is_prefix && <span className={css.soft}>{`${grant.name}*`}</span>}
                {grant.expires_at_us && (
                  <span className={css.soft}>
                    {t('topics.grantEnds')} <Time us={grant.expires_at_us} />
                  </span>
                )}
              </li>
            ))}
            {!owner.data && data.grants.length === 0 && <li className={css.soft}>{t('topics.peersNone')}</li>}
          </ul>
        )}
      </Await>
    </Card>
  );
}
