import { type Key, useT } from '@/i18n/translate';
import { useSettings } from '@/lib/settings';
import { FilterSelect, FilterText } from '@/pages/shared/filters';

import { type AuditState, fromField, RANGES, toField } from './audit';
import css from './audit.module.css';

const KINDS = [
  'topic',
  'group',
  'team',
  'service',
  'person',
  'token',
  'grant',
  'owner',
  'quota',
  'policy',
  'request',
  'data_node',
  'broker',
  'alert_rule',
  'silence',
];
const rangeTexts: Record<(typeof RANGES)[number], Key> = {
  '1h': 'audit.hour',
  '24h': 'audit.day',
  '7d': 'audit.week',
  '30d': 'audit.month',
  '': 'audit.always',
  custom: 'audit.custom',
};

export function AuditFilters({
  state,
  onChange,
}: {
  state: AuditState;
  onChange: (values: Partial<AuditState>) => void;
}) {
  const t = useT();
  const { clock } = useSettings();
  const time = (name: 'from' | 'until', label: string) => (
    <input
      type="datetime-local"
      className={css.time}
      aria-label={label}
      title={label}
      value={toField(state[name], clock)}
      onChange={(event) => onChange({ [name]: fromField(event.target.value, clock) })}
    />
  );
  return (
    <>
      <FilterSelect
        label={t('audit.range')}
        value={state.since}
        onValue={(since) => onChange({ since })}
        options={RANGES.map((range) => [range, t(rangeTexts[range])] as const)}
      />
      {state.since === 'custom' && (
        <>
          {time('from', t('audit.from'))}
          {time('until', t('audit.until'))}
        </>
      )}
      <FilterText label={t('audit.actor')} value={state.actor} onValue={(actor) => onChange({ actor })} />
      <FilterText label={t('audit.kind')} hints={KINDS} value={state.kind} onValue={(kind) => onChange({ kind })} />
      <FilterText label={t('audit.name')} value={state.name} onValue={(name) => onChange({ name })} />
      <FilterText label={t('audit.action')} value={state.action} onValue={(action) => onChange({ action })} />
      <FilterSelect
        label={t('audit.result')}
        value={state.result}
        onValue={(result) => onChange({ result })}
        options={[
          ['', t('audit.anyResult')],
          ['ok', t('audit.ok')],
          ['denied', t('audit.denied')],
        ]}
      />
      <FilterText label={t('audit.log')} value={state.source} onValue={(source) => onChange({ source })} />
    </>
  );
}
