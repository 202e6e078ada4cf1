import { http, take } from '@/api/client';
import { useAct } from '@/api/read';
import { useT } from '@/i18n/translate';

import { TOUCHED } from './deletion';

/** Brings a deleted topic back, by its name. Also from a note that outlives the page it was made on. */
export function useUndelete() {
  const t = useT();
  return useAct({
    act: (name: string) => take(http.POST('/topics/{name}:undelete', { params: { path: { name } }, body: {} })),
    touches: TOUCHED,
    done: (_, name) => t('topics.broughtBack', { name }),
  });
}
