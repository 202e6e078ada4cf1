import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { Stack } from '@/pages/groups/Section';
import { Badge } from '@/ui/Badge';
import { Button } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { Dialog } from '@/ui/Dialog';
import { Facts } from '@/ui/Page';
import { Num, Time } from '@/ui/values';

import { countText, findingsOf, type Outbox } from './outboxRow';

/** All that relays told of an outbox. Its rows are in the application's database, which these pages cannot see. */
export function OutboxDialog({
  outbox,
  onForget,
  onClose,
}: {
  outbox: Outbox;
  onForget: () => void;
  onClose: () => void;
}) {
  const t = useT();
  const { report, first_seen_us, reported_us } = outbox;
  return (
    <Dialog title={report.outbox} onClose={onClose} isWide>
      <Stack>
        {findingsOf(outbox).map(({ tone, text, values }) => (
          <p key={text}>
            <Badge tone={tone}>{t(text, values)}</Badge>
          </p>
        ))}
        <Facts
          of={[
            [t('outboxes.relay'), report.relay],
            [t('outboxes.version'), report.version],
            [t('outboxes.relays'), <Num value={report.relays} />],
            [t('outboxes.reported'), <Time us={reported_us} />],
            [t('outboxes.firstSeen'), <Time us={first_seen_us} />],
            [t('outboxes.ready'), countText(report.ready)],
            [t('outboxes.heldRows'), countText(report.held)],
            [t('outboxes.holds'), report.holds && countText(report.holds)],
            [t('outboxes.deadRows'), countText(report.dead)],
            [t('outboxes.published'), report.published && <Num value={report.published} />],
            [t('outboxes.failed'), report.failed && <Num value={report.failed} />],
            [t('outboxes.lastError'), report.last_error],
          ]}
        />
        <p>{t('outboxes.rowsWhere')}</p>
        <Command text={`${commandLine('outbox', 'list')} -d HOST:3306/SCHEMA -u USER --state dead`} />
        <div>
          <Button onClick={onForget}>{t('outboxes.forget')}</Button>
        </div>
      </Stack>
    </Dialog>
  );
}
