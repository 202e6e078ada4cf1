/** What the session may, as far as that is sure from its role: the server decides. */
import { useSession } from '@/api/session';
import { useT } from '@/i18n/translate';

export interface Who {
  /** "person:ann". */
  principal: string;
  /** A cluster that asks nobody who he is lets everybody do everything. */
  mayAdminister: boolean;
  mayOperate: boolean;
}

export function whoOf(principal: string, role: string | undefined): Who {
  const mayAdminister = principal === 'anonymous' || role === 'admin';
  return { principal, mayAdminister, mayOperate: mayAdminister || role === 'operator' };
}

export function useWho(): Who {
  const session = useSession().data;
  return whoOf(session?.principal ?? '', session?.role);
}

/** For a button that the server would surely refuse: `<Button {...needs('admin')}>`. */
export function useNeeds() {
  const t = useT();
  const who = useWho();
  return (role: 'admin' | 'operator') => {
    const may = role === 'admin' ? who.mayAdminister : who.mayOperate;
    return may ? {} : { disabled: true, title: t(role === 'admin' ? 'shared.needsAdmin' : 'shared.needsOperator') };
  };
}

/** Where a principal is shown: "service:billing" is a service, "team:pay" a team. */
export function splitPrincipal(principal: string): { kind: string; name: string } {
  const colon = principal.indexOf(':');
  return colon < 0
    ? { kind: '', name: principal }
    : { kind: principal.slice(0, colon), name: principal.slice(colon + 1) };
}
