import { CircleUser, Keyboard, LogOut, Settings2 } from 'lucide-react';

import { isAnonymous, nameOf, type Session, useSigning } from '@/api/session';
import { ApiError } from '@/api/problem';
import { useT } from '@/i18n/translate';
import { changeSettings, type Settings, useSettings } from '@/lib/settings';
import { Menu } from '@/ui/Menu';
import { toast } from '@/ui/toast';

import css from './menus.module.css';

/** Colours, language, times. */
export function SettingsMenu({ openKeys }: { openKeys?: () => void }) {
  const t = useT();
  const settings = useSettings();
  const choice = (label: string, change: Partial<Settings>) => ({
    label,
    isChosen: Object.entries(change).every(([name, value]) => settings[name as keyof Settings] === value),
    act: () => changeSettings(change),
  });
  const sections = [
    {
      title: t('shell.theme'),
      items: [
        choice(t('shell.themeSystem'), { theme: 'system' }),
        choice(t('shell.themeLight'), { theme: 'light' }),
        choice(t('shell.themeDark'), { theme: 'dark' }),
      ],
    },
    {
      title: t('shell.language'),
      items: [choice('English', { language: 'en' }), choice('中文', { language: 'zh' })],
    },
    {
      title: t('shell.clock'),
      items: [choice(t('shell.clockLocal'), { clock: 'local' }), choice(t('shell.clockUtc'), { clock: 'utc' })],
    },
    ...(openKeys ? [{ items: [{ label: t('shell.keys'), icon: <Keyboard size={15} />, act: openKeys }] }] : []),
  ];
  return <Menu label={t('shell.settings')} button={<Settings2 size={17} />} sections={sections} />;
}

/** Who is signed in, and the way out. */
export function AccountMenu({ session }: { session: Session }) {
  const t = useT();
  const { signOut } = useSigning();
  if (isAnonymous(session)) {
    return (
      <span className={css.anonymous} title={t('shell.anonymousWhy')}>
        {t('shell.anonymous')}
      </span>
    );
  }
  const name = nameOf(session.principal ?? '');
  const leave = () =>
    void signOut().catch((error: unknown) => {
      if (error instanceof ApiError) toast.error(error);
    });
  return (
    <Menu
      label={t('shell.account')}
      button={
        <>
          <CircleUser size={18} />
          <span className={css.name}>{name}</span>
        </>
      }
      sections={[
        {
          title: `${t('shell.signedInAs', { name })}${session.role ? ` · ${session.role}` : ''}`,
          items: [{ label: t('shell.signOut'), icon: <LogOut size={15} />, act: leave }],
        },
      ]}
    />
  );
}
