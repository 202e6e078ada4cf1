/** Findings of hygiene: their words, and where one mends them. */
import type { Schemas } from '@/api/client';
import type { Key } from '@/i18n/translate';
import { pathTo } from '@/lib/location';
import type { Tone } from '@/ui/Badge';

export type Finding = Schemas['HygieneFinding'];

export const KINDS = ['grant_ends', 'owner_gone', 'nobody_writes', 'nobody_reads'] as const;
type Kind = (typeof KINDS)[number];

const TONES: Record<Kind, Tone> = {
  grant_ends: 'warn',
  owner_gone: 'bad',
  nobody_writes: 'quiet',
  nobody_reads: 'quiet',
};

export const isKind = (text: string): text is Kind => (KINDS as readonly string[]).includes(text);

export const toneOf = (finding: Finding): Tone => (isKind(finding.kind) ? TONES[finding.kind] : 'quiet');

/** Where one does something about it; null: there is no page for it. */
export function nextStep(finding: Finding): { to: string; text: Key } | null {
  const { kind, object_kind: about, object_name: name } = finding;
  const page = pathTo(about === 'group' ? '/groups/:name' : '/topics/:name', { name });
  switch (kind) {
    case 'grant_ends': {
      const query = new URLSearchParams({ kind: about, ...(name.endsWith('*') ? {} : { name }) });
      return { to: `/grants?${query.toString()}`, text: 'hygiene.seeGrants' };
    }
    case 'owner_gone':
      return { to: `/owners?q=${encodeURIComponent(name)}`, text: 'hygiene.setOwner' };
    case 'nobody_writes':
    case 'nobody_reads':
      return { to: page, text: 'hygiene.look' };
    default:
      return null;
  }
}
