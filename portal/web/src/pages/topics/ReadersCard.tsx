import { useT } from '@/i18n/translate';
import { pathTo } from '@/lib/location';
import { Skeleton, Stale } from '@/ui/Await';
import { Link } from '@/ui/Link';
import { Card } from '@/ui/Page';
import { Table } from '@/ui/Table';

import { lagColumns } from './lagColumns';
import css from './Topic.module.css';
import { useLagOf } from './topicData';
import type { Topic } from './topicRow';

const SHOWN = 5;

/** The groups that are furthest behind. */
export function ReadersCard({ topic }: { topic: Topic }) {
  const t = useT();
  const read = useLagOf(topic.name);
  const groups = read.data?.topics ?? [];
  return (
    <Card
      title={t('topics.readers')}
      isFlush
      actions={
        groups.length > SHOWN && (
          <Link to={pathTo('/topics/:name/subscriptions', { name: topic.name })}>
            {t('topics.allReaders', { n: groups.length })}
          </Link>
        )
      }
    >
      {read.error && (
        <div className={css.pad}>
          <Stale read={read} />
        </div>
      )}
      {!read.data && !read.error && <Skeleton rows={2} />}
      {read.data && groups.length === 0 && <p className={`${css.pad} ${css.soft}`}>{t('topics.readersNone')}</p>}
      {groups.length > 0 && (
        <div className={css.flush}>
          <Table
            id="topic-readers"
            caption={t('topics.readers')}
            columns={lagColumns(t)}
            rows={groups.slice(0, SHOWN)}
            rowKey={(one) => one.group}
          />
        </div>
      )}
    </Card>
  );
}
