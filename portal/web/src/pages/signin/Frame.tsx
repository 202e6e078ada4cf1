import type { ReactNode } from 'react';

import { SettingsMenu } from '@/app/menus';

import css from './Frame.module.css';

/** A small page without the shell: before somebody is in. */
export function Frame({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  return (
    <main className={css.page}>
      <div className={css.corner}>
        <SettingsMenu />
      </div>
      <div className={css.card}>
        <div className={css.head}>
          <img src="/favicon.svg" alt="" width={44} height={44} />
          <div>
            <h1>{title}</h1>
            <p>{lead}</p>
          </div>
        </div>
        {children}
      </div>
    </main>
  );
}
