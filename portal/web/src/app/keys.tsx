import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';

import { useT } from '@/i18n/translate';
import { navigate } from '@/lib/location';
import { Dialog } from '@/ui/Dialog';

import css from './keys.module.css';
import { navigation } from './navigation';

const CHORD_MS = 1_500;

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** Keys that work everywhere but where one types: Ctrl K, "/", "r", "?", and "g" with an entry's key. */
export function useKeys({ openPalette, openHelp }: { openPalette: () => void; openHelp: () => void }) {
  const client = useQueryClient();
  const chord = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        openPalette();
        return;
      }
      const isBusy = isTyping(event.target) || document.querySelector('dialog[open]') !== null;
      if (isBusy || event.ctrlKey || event.metaKey || event.altKey) return;
      const isSecond = event.timeStamp - chord.current < CHORD_MS;
      chord.current = 0;
      const entry = isSecond ? navigation.find(({ key }) => key === event.key) : undefined;
      if (entry) return navigate(entry.to);
      if (event.key === 'g') chord.current = event.timeStamp;
      if (event.key === 'r') void client.refetchQueries({ type: 'active' });
      if (event.key === '?') openHelp();
      if (event.key === '/') {
        const search = document.querySelector<HTMLElement>('[data-list-search]');
        event.preventDefault();
        if (search) search.focus();
        else openPalette();
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  });
}

/** What there is to press. */
export function KeysHelp({ onClose }: { onClose: () => void }) {
  const t = useT();
  const keys: [string, string][] = [
    ['Ctrl K', t('shell.keyPalette')],
    ['/', t('shell.keySearch')],
    ['r', t('shell.keyRefresh')],
    ...navigation.map((entry): [string, string] => [`g ${entry.key}`, t('shell.keyGo', { page: t(entry.title) })]),
    ['?', t('shell.keyHelp')],
  ];
  return (
    <Dialog title={t('shell.keys')} onClose={onClose}>
      <dl className={css.keys}>
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
