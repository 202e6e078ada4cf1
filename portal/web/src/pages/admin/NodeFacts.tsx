import { useT } from '@/i18n/translate';
import { Badge } from '@/ui/Badge';
import { Facts } from '@/ui/Page';
import { Bytes, Num, Span } from '@/ui/values';

import css from './admin.module.css';
import { addressOf, type DataNode, healthOf, tablesFree, tablesMax, worriesOf } from './node';

/** What the catalogue says of it. */
export function NodeFacts({ node }: { node: DataNode }) {
  const t = useT();
  return (
    <Facts
      of={[
        [t('admin.address'), addressOf(node)],
        [t('admin.schemas'), `${node.schema_prefix}_node, ${node.schema_prefix}_00 …`],
        [t('admin.tablesUsed'), <Num key="u" value={node.tables_used} />],
        [t('admin.tablesFree'), <Num key="f" value={tablesFree(node)} />],
        [t('admin.tablesMax'), <Num key="m" value={tablesMax(node)} />],
        [t('admin.login'), t(node.has_credentials ? 'admin.ownLogin' : 'admin.defaultLogin')],
        [t('admin.id'), node.node_id],
      ]}
    />
  );
}

/** Microseconds as milliseconds with their fraction, signed. */
const millis = (us: string) => `${(Number(us) / 1_000).toFixed(1)} ms`;

/** What the metaserver found when it connected. */
export function ProbeFacts({ node }: { node: DataNode }) {
  const t = useT();
  const health = healthOf(node);
  if (!health) return <p className={css.soft}>{t('admin.notAsked')}</p>;
  if (!node.is_reachable) return <p>{node.unreachable_reason}</p>;
  return (
    <Facts
      of={[
        [t('admin.engine'), node.engine_version],
        [t('admin.roundTrip'), node.round_trip_us && millis(node.round_trip_us)],
        [t('admin.clockAhead'), node.clock_ahead_us && millis(node.clock_ahead_us)],
        [t('admin.disk'), node.disk_used_bytes && <Bytes key="d" value={node.disk_used_bytes} />],
        [
          t('admin.connections'),
          node.connections_used !== undefined && `${node.connections_used} / ${node.connections_max ?? '?'}`,
        ],
        [t('admin.flush'), node.flush_log_at_trx_commit],
        [t('admin.binlog'), node.sync_binlog ?? t('admin.noBinlog')],
        [t('admin.semiSync'), node.semi_sync],
        [t('admin.readOnly'), node.is_read_only !== undefined && t(node.is_read_only ? 'common.yes' : 'common.no')],
        [t('admin.account'), node.account],
        [t('admin.schemaVersion'), node.schema_version],
      ]}
    />
  );
}

/** What is wrong, before everything else; the server's sentences say what to do. */
export function Worries({ node }: { node: DataNode }) {
  const t = useT();
  const health = healthOf(node);
  const { texts, keys } = worriesOf(node);
  if (!health || health.tone === 'good') return null;
  return (
    <div className={css.warning} role="status">
      <Badge tone={health.tone}>{t(health.text)}</Badge>
      <ul className={css.worries}>
        {!node.is_reachable && <li>{node.unreachable_reason}</li>}
        {texts.map((text) => (
          <li key={text}>{text}</li>
        ))}
        {keys.map((key) => (
          <li key={key}>{t(key, { rights: (node.missing_rights ?? []).join(', ') })}</li>
        ))}
      </ul>
    </div>
  );
}

export const Rest = ({ ms }: { ms: number | null }) => (ms === null ? null : <Span ms={ms} />);
