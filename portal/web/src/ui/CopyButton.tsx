import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';

import { useT } from '@/i18n/translate';
import { copyText } from '@/lib/clipboard';

import { IconButton } from './Button';
import css from './CopyButton.module.css';

const SHOWN_MS = 1_500;

export function CopyButton({ text, label }: { text: string; label?: string }) {
  const t = useT();
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <IconButton
      isSmall
      label={isCopied ? t('common.copied') : (label ?? t('common.copy'))}
      icon={isCopied ? <Check size={15} /> : <Copy size={15} />}
      onClick={() => void copyText(text).then(() => setCopied(true))}
    />
  );
}

/** A command line to copy: what this page does, for scripts and tickets. */
export function Command({ text }: { text: string }) {
  return (
    <div className={css.command}>
      <code tabIndex={0}>{text}</code>
      <CopyButton text={text} />
    </div>
  );
}
