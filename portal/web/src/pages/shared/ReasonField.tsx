import { useT } from '@/i18n/translate';
import { TextField } from '@/ui/Field';

/** Why somebody changes something: for the audit log, in every dialog that asks. */
export function ReasonField({ value, onValue }: { value: string; onValue: (reason: string) => void }) {
  const t = useT();
  return (
    <TextField
      label={t('common.reason')}
      hint={t('common.reasonHint')}
      isOptional
      value={value}
      onValue={onValue}
      maxLength={500}
    />
  );
}
