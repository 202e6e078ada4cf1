/** Lists, a page at a time, as the server sorts and searches them. */

export interface ListQuery {
  limit?: number;
  cursor?: string;
  /** A field of the items; "-field": the largest first. */
  sort?: string;
  filter?: string[];
}

export interface ListWish {
  limit: number;
  cursor: string;
  sort: string;
  /** Field to text; "text*" for what begins so, "*text*" for what has it. Those that are empty do not count. */
  filters: Record<string, string>;
}

const isEmpty = (wanted: string) => wanted.replaceAll('*', '') === '';

export function listQuery(wish: ListWish): ListQuery {
  const filter = Object.entries(wish.filters)
    .filter(([, wanted]) => !isEmpty(wanted))
    .map(([field, wanted]) => `${field}:${wanted}`);
  return {
    limit: wish.limit,
    ...(wish.cursor && { cursor: wish.cursor }),
    ...(wish.sort && { sort: wish.sort }),
    ...(filter.length > 0 && { filter }),
  };
}
