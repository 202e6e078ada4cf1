import { useT } from '@/i18n/translate';
import { toYaml } from '@/lib/yaml';

import { CopyButton } from './CopyButton';
import { Dialog } from './Dialog';
import css from './Dialog.module.css';

/** What a page shows, as text to read, to compare and to keep. */
export function YamlDialog({ title, value, onClose }: { title: string; value: unknown; onClose: () => void }) {
  const t = useT();
  const text = toYaml(value);
  return (
    <Dialog title={title} onClose={onClose} isWide>
      {/* It scrolls, so it has to be reached by keys. */}
      <pre className={css.yaml} tabIndex={0} aria-label={t('common.yaml')}>
        {text}
      </pre>
      <div className={css.foot}>
        <CopyButton text={text} />
      </div>
    </Dialog>
  );
}
