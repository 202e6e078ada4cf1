import { useT } from '@/i18n/translate';
import { parseExact } from '@/pages/shared/exactJson';
import { JsonDiff } from '@/pages/shared/JsonDiff';
import { Command } from '@/ui/CopyButton';
import { commandLine } from '@/lib/clipboard';
import { Dialog } from '@/ui/Dialog';
import { Link } from '@/ui/Link';
import { Facts } from '@/ui/Page';
import { Time } from '@/ui/values';

import type { AuditEvent } from './audit';
import css from './audit.module.css';
import { Result } from './AuditPage';

/** One event: all that is known of it, and what it changed. */
export function EventDialog({ event, onClose }: { event: AuditEvent; onClose: () => void }) {
  const t = useT();
  const { object_kind: kind, object_name: name } = event;
  const before = parseExact(event.before_json);
  const after = parseExact(event.after_json);
  const title = `${event.action} ${name}`;
  const all = `/audit?since=&kind=${encodeURIComponent(kind)}&name=${encodeURIComponent(name)}`;
  return (
    <Dialog title={title} onClose={onClose} isWide>
      <div className={css.stack}>
        <Facts
          of={[
            [t('audit.result'), <Result key="r" result={event.result} />],
            [t('audit.at'), <Time key="t" us={event.at_us} isAbsolute />],
            [t('audit.actor'), event.actor],
            [t('audit.behalf'), event.on_behalf_of],
            [t('common.reason'), event.reason],
            [t('audit.object'), `${kind} ${name}`],
            [t('audit.address'), event.source],
            [t('audit.request'), <code key="q">{event.request_id}</code>],
            [t('audit.log'), event.source_node ?? 'metadata'],
          ]}
        />
        {before === undefined && after === undefined ? (
          <p className={css.soft}>{t('audit.noValues')}</p>
        ) : (
          <JsonDiff before={before} after={after} caption={title} />
        )}
        <Link to={all} onClick={onClose}>
          {t('audit.allOf', { name })}
        </Link>
        <Command text={commandLine('audit', 'search', '--kind', kind, '--name', name)} />
      </div>
    </Dialog>
  );
}
