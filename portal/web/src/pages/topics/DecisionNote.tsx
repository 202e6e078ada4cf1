import { useT } from '@/i18n/translate';
import { Badge, type Tone } from '@/ui/Badge';
import { Button } from '@/ui/Button';
import { ErrorBox } from '@/ui/ErrorBox';

import css from './DecisionNote.module.css';
import type { Decision, useDecision } from './useProposal';

type Violation = Decision['violations'][number];

/** What the policy says of what stands in a form: at once, with whose yes, or not, and what would help. */
export function DecisionNote({
  told,
  onFix,
}: {
  told: ReturnType<typeof useDecision>;
  /** Takes a fix over into the form; absent, or false for one that it has no field for: no button. */
  onFix?: (violation: Violation) => (() => void) | undefined;
}) {
  const t = useT();
  const { decision, error, isCurrent, isOpen } = told;
  if (isOpen) return null;
  if (error) return <ErrorBox error={error} title={t('topics.decisionFailed')} />;
  if (!decision) return null;
  return (
    <div
      className={css.note}
      role="status"
      aria-live="polite"
      aria-busy={!isCurrent}
      data-old={!isCurrent || undefined}
    >
      <Verdict decision={decision} />
      {decision.violations.length > 0 && (
        <ul className={css.violations}>
          {decision.violations.map((violation, i) => (
            <li key={i}>
              <Broken violation={violation} fix={onFix?.(violation)} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

const tones: Record<string, Tone> = { apply: 'good', needs_approval: 'warn', refuse: 'bad' };

function Verdict({ decision }: { decision: Decision }) {
  const t = useT();
  const texts: Record<string, string> = {
    apply: t('topics.decisionApply'),
    needs_approval: t('topics.decisionApproval'),
    refuse: t('topics.decisionRefuse'),
  };
  return (
    <p className={css.verdict}>
      <Badge tone={tones[decision.kind] ?? 'info'}>{texts[decision.kind] ?? decision.kind}</Badge>
      {decision.kind === 'needs_approval' && (
        <span>{t('topics.decisionApprovers', { who: decision.approvers.join(', ') })}</span>
      )}
    </p>
  );
}

function Broken({ violation, fix }: { violation: Violation; fix: (() => void) | undefined }) {
  const t = useT();
  return (
    <>
      <span className={css.field}>
        <code>{violation.field}</code> {violation.subject}
      </span>
      <span>{violation.why || t('topics.decisionLimit', { limit: violation.limit, got: violation.got })}</span>
      {violation.why && violation.limit && (
        <span className={css.limit}>{t('topics.decisionLimit', { limit: violation.limit, got: violation.got })}</span>
      )}
      {violation.fix !== undefined && fix && (
        <Button isSmall onClick={fix}>
          {t('topics.decisionFix', { fix: violation.fix })}
        </Button>
      )}
    </>
  );
}
