import { MailCheck } from 'lucide-react';

import { http, take } from '@/api/client';
import { useRead } from '@/api/read';
import { useT } from '@/i18n/translate';
import { compact } from '@/lib/format';
import { lettersPath } from '@/pages/deadLetters/letterFilter';
import { Await } from '@/ui/Await';
import { Badge } from '@/ui/Badge';
import { Empty } from '@/ui/Empty';
import { Link } from '@/ui/Link';
import { Card } from '@/ui/Page';
import { Time } from '@/ui/values';

import css from './cards.module.css';
import { Rows, SHOWN_MAX } from './Rows';

/** Groups that gave up on messages, the last to do so first. */
export function LettersCard() {
  const t = useT();
  const read = useRead(['dead-letters', 'home'], (signal) =>
    take(http.GET('/dead-letters', { params: { query: { sort: '-newest_us', limit: SHOWN_MAX } }, signal })),
  );
  const all = (read.data?.groups.length ?? 0) > 0 && <Link to="/dead-letters">{t('common.all')}</Link>;
  return (
    <Card title={t('shell.deadLetters')} actions={all} isFlush>
      <Await read={read}>
        {({ groups, unknown_nodes = [] }) =>
          groups.length === 0 ? (
            <Empty
              isSmall
              icon={<MailCheck size={26} />}
              title={t('home.lettersNone')}
              text={
                unknown_nodes.length > 0
                  ? t('deadLetters.unknownNodes', { nodes: unknown_nodes.join(', ') })
                  : t('home.lettersNoneText')
              }
            />
          ) : (
            <Rows label={t('shell.deadLetters')}>
              {groups.map(({ group, topic, letters, recent, newest_us }) => (
                <li key={`${group} ${topic}`}>
                  <Badge tone={recent === '0' ? 'warn' : 'bad'}>{compact(letters)}</Badge>
                  <Link className={css.text} to={lettersPath(group, topic)}>
                    {group}
                  </Link>
                  <span className={css.aside}>
                    {topic}
                    {recent !== '0' && ` · ${t('home.lettersRecent', { n: compact(recent) })}`}
                  </span>
                  {newest_us && <Time us={newest_us} />}
                </li>
              ))}
            </Rows>
          )
        }
      </Await>
    </Card>
  );
}
