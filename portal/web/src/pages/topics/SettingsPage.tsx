import type { PageProps } from '@/app/routes';
import { useT } from '@/i18n/translate';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';

import { Button } from '@/ui/Button';
import { Card } from '@/ui/Page';

import { DeleteTopic } from './DeleteTopic';
import { SettingsForm } from './SettingsForm';
import css from './Topic.module.css';
import { TopicFrame } from './TopicFrame';
import type { Topic } from './topicRow';

export default function SettingsPage({ params }: PageProps) {
  const name = params.name ?? '';
  return (
    <TopicFrame key={name} name={name}>
      {(topic) => <Settings topic={topic} />}
    </TopicFrame>
  );
}

function Settings({ topic }: { topic: Topic }) {
  const t = useT();
  const [isDeleting, setDeleting] = useState(false);
  return (
    <div className={css.stack}>
      <Card title={t('topics.settings')}>
        <SettingsForm topic={topic} />
      </Card>
      <Card title={t('topics.dangerZone')}>
        <div className={css.danger}>
          <p>{t('topics.deleteLead')}</p>
          <Button kind="danger" icon={<Trash2 size={15} aria-hidden="true" />} onClick={() => setDeleting(true)}>
            {t('topics.delete')}
          </Button>
        </div>
      </Card>
      {isDeleting && <DeleteTopic topic={topic} onClose={() => setDeleting(false)} />}
    </div>
  );
}
