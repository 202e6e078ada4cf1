/** Changes of what the policy governs: what it says of them while one types, and making them. */
import { useEffect, useState } from 'react';

import { http, type Schemas, take } from '@/api/client';
import { useAct, useRead } from '@/api/read';

import { bundleText, type Change } from './changes';
import { useIsOpen } from './topicData';

export type Decision = Schemas['Decision'];
export type ChangeRequest = Schemas['ChangeRequest'];

const TYPING_MS = 350;
/** How long the answer waits for the change to be made. */
const WAIT_MS = 10_000;

/** A value once it has not changed for a moment. */
export function useSettled<T>(value: T, ms = TYPING_MS): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

/** What the policy says, by a dry run. Nothing in a cluster that asks nobody who he is: it has no policy. */
export function useDecision(changes: readonly Change[]) {
  const isOpen = useIsOpen();
  const wanted = changes.length === 0 ? '' : bundleText(changes);
  const bundle = useSettled(wanted);
  const read = useRead<Decision | null>(
    ['decision', bundle],
    async (signal) => {
      const answer = await take(
        http.POST('/requests', { params: { query: { dry_run: true } }, body: { bundle_json: bundle }, signal }),
      );
      return answer.decision ?? null;
    },
    { enabled: bundle !== '' && !isOpen, refresh: false },
  );
  const isCurrent = wanted === bundle && !read.isPlaceholderData;
  return {
    decision: bundle === '' || isOpen ? undefined : (read.data ?? undefined),
    error: wanted === '' ? null : read.error,
    /** What is told is about what stands there now. */
    isCurrent: isCurrent && !read.isFetching,
    isOpen,
  };
}

export interface Outcome {
  /** Absent in a cluster without requests: then it is done. */
  request?: ChangeRequest;
  decision?: Decision;
  /** It has been made. */
  isDone: boolean;
}

/** One change by its own call, for clusters that ask nobody who he is. */
async function makeDirectly(change: Change): Promise<void> {
  const path = { name: String(change.name) };
  switch (change.kind) {
    case 'create_topic':
      await take(http.POST('/topics', { body: change as unknown as { name: string; partitions: number } }));
      return;
    case 'alter_topic':
      await take(
        http.PATCH('/topics/{name}', {
          params: { path },
          body: {
            set_config: change.set as Record<string, string> | undefined,
            unset_config: change.unset as string[] | undefined,
            description: change.description as string | undefined,
          },
        }),
      );
      return;
    case 'add_partitions':
      await take(
        http.PUT('/topics/{name}/partitions', { params: { path }, body: { partitions: Number(change.partitions) } }),
      );
      return;
    case 'delete_topic':
      await take(http.DELETE('/topics/{name}', { params: { path } }));
      return;
    default:
    // Grants and owners mean nothing there.
  }
}

interface Proposal {
  changes: Change[];
  title: string;
  reason?: string;
  /** The same twice: a request once. */
  key: string;
}

async function propose({ changes, title, reason, key }: Proposal): Promise<Outcome> {
  const answer = await take(
    http.POST('/requests', {
      params: { query: reason ? { reason } : {}, header: { 'Idempotency-Key': key } },
      body: { bundle_json: bundleText(changes), title, wait_ms: WAIT_MS },
    }),
  );
  return { ...answer, isDone: answer.request?.state === 'applied' };
}

/** Makes changes, or asks for them where the policy wants somebody's yes. */
export function useProposal(onDone: (outcome: Outcome, proposal: Proposal) => void) {
  const isOpen = useIsOpen();
  return useAct<Proposal, Outcome>({
    act: async (proposal) => {
      if (!isOpen) return propose(proposal);
      for (const change of proposal.changes) await makeDirectly(change);
      return { isDone: true };
    },
    touches: [['topics'], ['requests'], ['owners'], ['audit'], ['access']],
    toastErrors: false,
    onDone,
  });
}
