import type { Schemas } from '@/api/client';
import { useT } from '@/i18n/translate';
import { Badge, type Tone } from '@/ui/Badge';
import { Button } from '@/ui/Button';
import { Facts } from '@/ui/Page';
import { Bytes, Num } from '@/ui/values';

import css from './requests.module.css';

export type Decision = Schemas['Decision'];
type Violation = Schemas['Violation'];

const kinds: Record<string, [Tone, 'requests.decisionApply' | 'requests.decisionAsk' | 'requests.decisionRefuse']> = {
  apply: ['good', 'requests.decisionApply'],
  needs_approval: ['warn', 'requests.decisionAsk'],
  refuse: ['bad', 'requests.decisionRefuse'],
};

/** What the policy makes of a bundle: whether, whose yes, what it comes to, and every fault with its mend. */
export function DecisionView({ decision, onFix }: { decision: Decision; onFix?: (bundleJson: string) => void }) {
  const t = useT();
  const [tone, text] = kinds[decision.kind] ?? ['quiet', null];
  const fixed = decision.fixed_bundle_json;
  return (
    <div className={css.stack}>
      <div className={css.line} role="status">
        <Badge tone={tone}>{text ? t(text) : decision.kind}</Badge>
        {decision.approvers.length > 0 && <span>{t('requests.asks', { who: decision.approvers.join(', ') })}</span>}
      </div>
      {decision.violations.length > 0 && <Violations of={decision.violations} />}
      {onFix && fixed && (
        <div>
          <Button onClick={() => onFix(fixed)}>{t('requests.takeFixes')}</Button>
        </div>
      )}
      <Facts
        of={[
          [t('requests.costPartitions'), <Num key="p" value={decision.cost.partitions} />],
          [t('requests.costMessages'), <Num key="m" value={decision.cost.messages_per_day} />],
          [t('requests.costBytes'), <Bytes key="b" value={decision.cost.stored_bytes} />],
        ]}
      />
    </div>
  );
}

/** One below the other: they stand beside what is edited, where a table has no room. */
function Violations({ of }: { of: Violation[] }) {
  const t = useT();
  return (
    <section aria-label={t('requests.violations')}>
      <ul className={css.violations}>
        {of.map((one) => (
          <li key={`${one.change ?? ''}/${one.subject}/${one.field}`}>
            <h3>
              {one.subject}: <code>{one.field}</code>
            </h3>
            <p>{one.why}</p>
            <Facts
              of={[
                [t('requests.got'), one.got],
                [t('requests.limit'), one.limit],
                [t('requests.fix'), one.fix && <code key="f">{one.fix}</code>],
              ]}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}
