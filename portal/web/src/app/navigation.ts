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

/** Pages below an entry, for who looks for them by name. `of`: what the entry is called. */
export const subpages: { to: string; title: Key; of: Key }[] = [
  { to: '/new-topic', title: 'newTopic.title', of: 'shell.topics' },
  { to: '/alerts/silences', title: 'alerts.tabSilences', of: 'shell.alerts' },
  { to: '/alerts/events', title: 'alerts.tabEvents', of: 'shell.alerts' },
  { to: '/alerts/objectives', title: 'alerts.tabObjectives', of: 'shell.alerts' },
  { to: '/alerts/channels', title: 'alerts.tabChannels', of: 'shell.alerts' },
  { to: '/alerts/rules', title: 'alerts.tabRules', of: 'shell.alerts' },
  { to: '/requests/new', title: 'requests.new', of: 'shell.requests' },
  { to: '/requests/mine', title: 'requests.mine', of: 'shell.requests' },
  { to: '/requests/all', title: 'requests.everybodys', of: 'shell.requests' },
  { to: '/people', title: 'people.title', of: 'shell.teams' },
  { to: '/quotas', title: 'quotas.title', of: 'shell.teams' },
  { to: '/hygiene', title: 'hygiene.title', of: 'shell.teams' },
  { to: '/password', title: 'people.ownPassword', of: 'shell.account' },
  { to: '/owners', title: 'grants.owners', of: 'grants.areas' },
  { to: '/grants/check', title: 'grants.check', of: 'grants.areas' },
  { to: '/services', title: 'tokens.services', of: 'grants.areas' },
  { to: '/tokens', title: 'tokens.title', of: 'grants.areas' },
  { to: '/admin/nodes', title: 'admin.nodes', of: 'shell.admin' },
  { to: '/admin/placement', title: 'placement.title', of: 'shell.admin' },
  { to: '/admin/capacity', title: 'capacity.title', of: 'shell.admin' },
  { to: '/admin/settings', title: 'servers.settings', of: 'shell.admin' },
  { to: '/admin/moves', title: 'admin.moves', of: 'shell.admin' },
  { to: '/admin/consistency', title: 'admin.consistency', of: 'shell.admin' },
  { to: '/admin/policy', title: 'policy.title', of: 'shell.admin' },
  { to: '/admin/policy/edit', title: 'policy.edit', of: 'shell.admin' },
  { to: '/admin/slow', title: 'admin.slow', of: 'shell.admin' },
];
