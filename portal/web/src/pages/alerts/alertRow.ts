/** What is said of an alert, taken from what the API tells. */
import type { Schemas } from '@/api/client';
import type { Key } from '@/i18n/translate';
import { pathTo } from '@/lib/location';
import { lettersPath } from '@/pages/deadLetters/letterFilter';
import type { Tone } from '@/ui/Badge';

export type Alert = Schemas['Alert'];
export type Silence = Schemas['AlertSilence'];

/** How an alert is shown: its state, and when it fires how urgent that is. */
export function stateOf(alert: Pick<Alert, 'state' | 'severity'>): [Tone, Key] | null {
  switch (alert.state) {
    case 'firing':
      return alert.severity === 'page' ? ['bad', 'alerts.firing'] : ['warn', 'alerts.firing'];
    case 'pending':
      return ['info', 'alerts.pending'];
    case 'resolved':
      return ['good', 'alerts.resolved'];
    default:
      return null;
  }
}

/** The page of what an alert is about, where it shows what is wrong; null: there is none. */
export function pathOf(subject: string, kind = ''): string | null {
  const [, group, read] = /^group (.+), topic (.+)$/.exec(subject) ?? [];
  if (group !== undefined && read !== undefined) {
    if (kind === 'dead_letters_growing') return lettersPath(group, read);
    return `${pathTo('/groups/:group', { group })}?topic=${encodeURIComponent(read)}`;
  }
  const topic = /^topic (.+?)(, partition \d+)?$/.exec(subject);
  if (topic) return pathTo('/topics/:name', { name: topic[1] as string });
  if (subject.startsWith('node ')) return pathTo('/admin/nodes/:name', { name: subject.slice('node '.length) });
  return subject.startsWith('outbox ') ? `/outboxes?q=${encodeURIComponent(subject.slice('outbox '.length))}` : null;
}

/** Of alerts about a group on a topic. */
export const groupSubject = (group: string, topic: string) => `group ${group}, topic ${topic}`;

/** What silences all about one group: its name ends at the comma, so others' names that begin so are not meant. */
export const groupPattern = (group: string) => groupSubject(group, '*');

/** As the server matches: "*" is anything, all else is itself. */
export function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}

/** Open ones that a silence would quieten. */
export const quietened = (alerts: readonly Alert[], silence: Pick<Silence, 'kind' | 'subject'>) =>
  alerts.filter((alert) => matches(silence.kind, alert.kind) && matches(silence.subject, alert.subject));

/** What has an end in the past is over, though the server may tell it for a while. */
export const isOver = (silence: Silence, nowMs: number) =>
  BigInt(silence.until_us) <= BigInt(Math.round(nowMs)) * 1_000n;
