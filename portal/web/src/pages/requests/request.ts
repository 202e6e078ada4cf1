/** States of requests, and what may be done with one. The rules are the server's (core/policy/request_machine). */
import type { Schemas } from '@/api/client';
import type { Key } from '@/i18n/translate';
import type { Who } from '@/pages/shared/who';
import type { Tone } from '@/ui/Badge';

export type ChangeRequest = Schemas['ChangeRequest'];

export const STATES = [
  'draft',
  'pending',
  'approved',
  'applying',
  'applied',
  'failed',
  'undone',
  'declined',
  'withdrawn',
  'expired',
] as const;
export type State = (typeof STATES)[number];

const TONES: Record<State, Tone> = {
  draft: 'quiet',
  pending: 'warn',
  approved: 'info',
  applying: 'info',
  applied: 'good',
  failed: 'bad',
  undone: 'bad',
  declined: 'bad',
  withdrawn: 'quiet',
  expired: 'quiet',
};

const isState = (text: string): text is State => (STATES as readonly string[]).includes(text);

/** Null for a state that these pages do not know: it is shown as it is. */
export function stateOf(state: string): { tone: Tone; text: Key; why: Key } | null {
  return isState(state) ? { tone: TONES[state], text: `requests.${state}`, why: `requests.${state}Why` } : null;
}

/** It waits for nothing any more. */
export const hasEnded = (request: { state: string }) =>
  !['draft', 'pending', 'approved', 'applying'].includes(request.state);

export type Deed = 'approve' | 'decline' | 'submit' | 'withdraw' | 'break-glass' | 'give-up';

export interface Offer {
  deed: Deed;
  /** Why it would surely be refused. */
  refusal?: Key;
}

type Pending = Pick<ChangeRequest, 'state' | 'author' | 'can_decide' | 'cannot_decide'>;

const REFUSALS: Record<string, Key> = {
  own_request: 'requests.notOwn',
  not_asked: 'requests.notAsked',
  has_agreed: 'requests.hasAgreed',
  expired: 'requests.isTooLate',
};

/** Why one may not decide, as the server says; undefined: one may, or it did not say why not. */
export function refusalOf(request: Pending, who: Who): Key | undefined {
  if (request.can_decide) return undefined;
  if (request.cannot_decide) return REFUSALS[request.cannot_decide];
  return request.author === who.principal ? 'requests.notOwn' : undefined;
}

/** What a page offers, the most important last. */
export function offersOf(request: Pending, who: Who): Offer[] {
  const isAuthor = request.author === who.principal;
  switch (request.state) {
    case 'draft':
      return isAuthor ? [{ deed: 'withdraw' }, { deed: 'submit' }] : [];
    case 'pending': {
      const refusal = refusalOf(request, who);
      // Who has said yes may think better of it.
      const noToNo = request.cannot_decide === 'has_agreed' ? undefined : refusal;
      const glass: Offer[] = who.mayOperate ? [{ deed: 'break-glass' }] : [];
      const own: Offer[] = isAuthor ? [{ deed: 'withdraw' }] : [];
      return [...glass, ...own, { deed: 'decline', refusal: noToNo }, { deed: 'approve', refusal }];
    }
    case 'approved':
      return isAuthor ? [{ deed: 'withdraw' }] : [];
    case 'applying':
      return isAuthor || who.mayOperate ? [{ deed: 'give-up' }] : [];
    default:
      return [];
  }
}

export const mayEdit = (request: Pick<ChangeRequest, 'state' | 'author'>, who: Who) =>
  request.author === who.principal && (request.state === 'draft' || request.state === 'pending');

/** The server wants to know why. */
export const needsReason = (deed: Deed) => deed === 'decline' || deed === 'break-glass' || deed === 'give-up';

export interface Event {
  at_us: string;
  what: Key;
  by?: string;
  /** As whom somebody said yes: "leads of payments". */
  as?: string;
}

/** What is known of its course, oldest first. */
export function courseOf(request: ChangeRequest): Event[] {
  const events: Event[] = [{ at_us: request.created_at_us, what: 'requests.wasMade', by: request.author }];
  for (const { at_us, by, approver } of request.approvals)
    events.push({ at_us, what: 'requests.saidYes', by, as: approver });
  const state = stateOf(request.state);
  if (state && request.state !== 'draft' && request.state !== 'pending') {
    events.push({ at_us: request.changed_at_us, what: state.text });
  }
  return events.sort((a, b) => (BigInt(a.at_us) < BigInt(b.at_us) ? -1 : BigInt(a.at_us) > BigInt(b.at_us) ? 1 : 0));
}
