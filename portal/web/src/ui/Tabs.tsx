import { useEffect, useRef } from 'react';

import { usePlace } from '@/lib/location';

import { Link } from './Link';
import css from './Tabs.module.css';

/** The parts of one thing, each with a URL of its own. */
export function Tabs({ label, tabs }: { label: string; tabs: { to: string; text: string; count?: number }[] }) {
  const { path } = usePlace();
  const bar = useRef<HTMLElement>(null);
  // In a narrow window the chosen one may stand beyond the edge.
  useEffect(() => {
    const chosen = bar.current?.querySelector('[aria-current]');
    chosen?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [path]);
  return (
    <nav ref={bar} className={css.tabs} aria-label={label}>
      {tabs.map((tab) => (
        <Link key={tab.to} to={tab.to} className={css.tab} aria-current={tab.to === path ? 'page' : undefined}>
          {tab.text}
          {tab.count !== undefined && <span className={css.count}>{tab.count}</span>}
        </Link>
      ))}
    </nav>
  );
}
