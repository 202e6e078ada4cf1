import { useSession } from '@/api/session';
import { useT } from '@/i18n/translate';
import { Link } from '@/ui/Link';

import { Notice } from '../topics/Notice';

import css from './hidden.module.css';
import { peekRequest } from './peek';

/** In the place of what is in messages, for who may not read it. `why`: as the server says it; `text`: other words. */
export function HiddenNote({
  topic,
  why,
  isNamed = false,
  text,
}: {
  topic: string;
  why?: string;
  isNamed?: boolean;
  text?: string;
}) {
  const t = useT();
  const session = useSession().data;
  return (
    <Notice tone="info">
      {text ?? (isNamed ? t('shared.hiddenOf', { topic }) : t('shared.hidden'))}{' '}
      <Link className={css.ask} to={peekRequest(topic, session?.seats)} title={why}>
        {t('shared.askForPeek')}
      </Link>
    </Notice>
  );
}
