import type { PageProps } from '@/app/routes';
import { useT } from '@/i18n/translate';
import { Scissors, Trash2 } from 'lucide-react';
import { useState } from 'react';

import { Button } from '@/ui/Button';
import { Card } from '@/ui/Page';

import { DeleteTopic } from './DeleteTopic';
import { SettingsForm } from './SettingsForm';
import css from './Topic.module.css';
import { TopicFrame } from './TopicFrame';
import type { Topic } from './topicRow';
import { TrimTopic } from './TrimTopic';

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
  const [open, setOpen] = useState<'trim' | 'delete' | null>(null);
  return (
    <div className={css.stack}>
      <Card title={t('topics.settings')}>
        <SettingsForm topic={topic} />
      </Card>
      <Card title={t('topics.dangerZone')}>
        <div className={css.danger}>
          <p>{t('trim.lead')}</p>
          <Button icon={<Scissors size={15} aria-hidden="true" />} onClick={() => setOpen('trim')}>
            {t('trim.action')}
          </Button>
        </div>
        <div className={css.danger}>
          <p>{t('topics.deleteLead')}</p>
          <Button kind="danger" icon={<Trash2 size={15} aria-hidden="true" />} onClick={() => setOpen('delete')}>
            {t('topics.delete')}
          </Button>
        </div>
      </Card>
      {open === 'trim' && <TrimTopic topic={topic} onClose={() => setOpen(null)} />}
      {open === 'delete' && <DeleteTopic topic={topic} onClose={() => setOpen(null)} />}
    </div>
  );
}
