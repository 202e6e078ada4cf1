/** Findings of the consistency check, worst first. */
import type { Schemas } from '@/api/client';
import type { Tone } from '@/ui/Badge';

export type Finding = Schemas['CatalogFinding'];

/** Messages may be missing or out of reach; the rest takes room, or is a matter of waiting. */
const BAD = ['table_missing', 'state_row_missing', 'node_unreachable', 'schema_version'];
const WARN = ['partition_stuck'];

export const toneOf = (finding: Finding): Tone =>
  BAD.includes(finding.kind) ? 'bad' : WARN.includes(finding.kind) ? 'warn' : 'info';

const RANK: Record<Tone, number> = { bad: 0, warn: 1, info: 2, good: 3, quiet: 4 };

export function worstFirst(findings: Finding[]): Finding[] {
  return [...findings].sort(
    (a, b) =>
      RANK[toneOf(a)] - RANK[toneOf(b)] ||
      a.kind.localeCompare(b.kind) ||
      a.data_node.localeCompare(b.data_node) ||
      a.object.localeCompare(b.object),
  );
}
