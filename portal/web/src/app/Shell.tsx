import { Menu as MenuIcon, X } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';

import type { Session } from '@/api/session';
import { useT } from '@/i18n/translate';
import { usePlace } from '@/lib/location';
import { IconButton } from '@/ui/Button';
import { Link } from '@/ui/Link';

import { isUnder, navigation } from './navigation';
import { Palette } from './Palette';
import { RefreshControl } from './RefreshControl';
import css from './Shell.module.css';
import { KeysHelp, useKeys } from './keys';
import { AccountMenu, SettingsMenu } from './menus';

/** What is round every page: navigation, search everywhere, refresh, settings, account. */
export function Shell({ session, children }: { session: Session; children: ReactNode }) {
  const t = useT();
  const { path } = usePlace();
  const [isOpen, setOpen] = useState(false);
  const [front, setFront] = useState<'palette' | 'keys' | null>(null);
  useKeys({ openPalette: () => setFront('palette'), openHelp: () => setFront('keys') });
  const main = useRef<HTMLElement>(null);
  const came = useRef(path);
  useEffect(() => {
    setOpen(false);
    // Another page: who reads with a screen reader, or goes by keys, begins at its top.
    if (came.current !== path) main.current?.focus({ preventScroll: true });
    came.current = path;
  }, [path]);
  const drawer = isOpen ? t('shell.closeMenu') : t('shell.openMenu');
  return (
    <div className={css.shell}>
      <a className={css.skip} href="#content">
        {t('common.skipToContent')}
      </a>
      <header className={css.bar}>
        <span className={css.drawer}>
          <IconButton
            label={drawer}
            aria-expanded={isOpen}
            icon={isOpen ? <X size={18} /> : <MenuIcon size={18} />}
            onClick={() => setOpen(!isOpen)}
          />
        </span>
        <Link to="/" className={css.brand}>
          <img src="/favicon.svg" alt="" width={22} height={22} />
          {t('common.product')}
        </Link>
        <button type="button" className={css.find} onClick={() => setFront('palette')}>
          <span>{t('shell.palette')}</span>
          <kbd>Ctrl K</kbd>
        </button>
        <span className={css.grow} />
        <RefreshControl />
        <SettingsMenu openKeys={() => setFront('keys')} />
        <AccountMenu session={session} />
      </header>
      <nav className={`${css.side} ${isOpen ? css.open : ''}`} aria-label={t('shell.navigation')}>
        <ul>
          {navigation.map((entry) => (
            <li key={entry.to}>
              <Link to={entry.to} aria-current={isUnder(path, entry) ? 'page' : undefined}>
                <entry.icon size={17} aria-hidden="true" />
                {t(entry.title)}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <main ref={main} id="content" className={css.main} tabIndex={-1}>
        {children}
      </main>
      {front === 'palette' && <Palette onClose={() => setFront(null)} />}
      {front === 'keys' && <KeysHelp onClose={() => setFront(null)} />}
    </div>
  );
}
