/** What the navigation at the side has, in its order. An entry comes with its page. */
import {
  BellRing,
  Building2,
  GitPullRequest,
  House,
  Inbox,
  type LucideIcon,
  MailX,
  Rows3,
  ScrollText,
  ServerCog,
  ShieldCheck,
  Users,
} from 'lucide-react';

import type { Key } from '@/i18n/translate';

export interface Entry {
  to: string;
  title: Key;
  icon: LucideIcon;
  /** "g" and then this key goes there. */
  key: string;
  /** More paths that it stands for: /people is under Teams. */
  under?: string[];
}

export const navigation: Entry[] = [
  { to: '/', title: 'shell.home', icon: House, key: 'h' },
  { to: '/topics', title: 'shell.topics', icon: Rows3, key: 't' },
  { to: '/groups', title: 'shell.groups', icon: Users, key: 'g' },
  { to: '/dead-letters', title: 'shell.deadLetters', icon: MailX, key: 'l' },
  { to: '/alerts', title: 'shell.alerts', icon: BellRing, key: 'a' },
  { to: '/outboxes', title: 'shell.outboxes', icon: Inbox, key: 'o' },
  { to: '/requests', title: 'shell.requests', icon: GitPullRequest, key: 'q' },
  {
    to: '/teams',
    title: 'shell.teams',
    icon: Building2,
    key: 'm',
    under: ['/people', '/quotas', '/hygiene', '/password'],
  },
  { to: '/grants', title: 'grants.areas', icon: ShieldCheck, key: 'x', under: ['/owners', '/services', '/tokens'] },
  { to: '/audit', title: 'shell.audit', icon: ScrollText, key: 'u' },
  { to: '/admin/brokers', title: 'shell.admin', icon: ServerCog, key: 'd', under: ['/admin'] },
];

const isWithin = (path: string, root: string) => path === root || path.startsWith(`${root}/`);

/** Whether a page is under an entry: /topics/orders is under /topics. */
export const isUnder = (path: string, entry: Entry) =>
  entry.to === '/' ? path === '/' : [entry.to, ...(entry.under ?? [])].some((root) => isWithin(path, root));
