import { Star as Sign } from 'lucide-react';

import { useT } from '@/i18n/translate';
import { changeSettings, useSettings } from '@/lib/settings';

import css from './Star.module.css';

/** Marks a thing in this browser; marked ones stand on the first page. `of`: "topic:orders". */
export function Star({ of, name }: { of: string; name: string }) {
  const t = useT();
  const { stars } = useSettings();
  const isOn = stars.includes(of);
  const change = () => changeSettings({ stars: isOn ? stars.filter((star) => star !== of) : [...stars, of] });
  return (
    <button
      type="button"
      className={css.star}
      aria-pressed={isOn}
      aria-label={t('common.star', { name })}
      title={t('common.star', { name })}
      onClick={change}
    >
      <Sign size={15} fill={isOn ? 'currentColor' : 'none'} aria-hidden="true" />
    </button>
  );
}
