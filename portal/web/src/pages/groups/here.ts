import { usePlace } from '@/lib/location';
import { changedSearch, type Values } from '@/lib/urlState';

/** Links to this page with other values in its query; `defaults` as useUrlState has them. */
export function useHere(defaults: Values): (values: Partial<Values>) => string {
  const { path, search } = usePlace();
  return (values) => path + changedSearch(search, defaults, values);
}
