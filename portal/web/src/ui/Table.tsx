import { ArrowDown, ArrowUp } from 'lucide-react';
import type { ReactNode } from 'react';

import { useT } from '@/i18n/translate';
import { useSettings } from '@/lib/settings';
import type { List } from '@/lib/useList';

import { Skeleton } from './Await';
import { Pager } from './Pager';
import css from './Table.module.css';
import { TableBar } from './TableBar';
import { Button } from './Button';
import { Empty } from './Empty';

export interface Column<Row> {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** For CSV; a column without it is left out there. */
  text?: (row: Row) => string;
  /** The field that the server sorts by; absent: it does not. */
  sort?: string;
  /** "end" for numbers. */
  align?: 'start' | 'end';
  /** Not shown unless somebody chooses it. */
  isHidden?: boolean;
  /** Text of any length: takes the room that is left, in at most two lines. */
  isWide?: boolean;
}

export interface TableProps<Row> {
  /** Names it for screen readers, and in what is kept in the browser: "topics". */
  id: string;
  caption: string;
  columns: Column<Row>[];
  /** Undefined: not read yet. */
  rows: Row[] | undefined;
  rowKey: (row: Row) => string;
  /** From useList(): search, order and pages. Absent: a table of all there is, without a bar. */
  list?: List;
  /** Of the same rows on the command line. */
  command?: string;
  /** Beside the search: filters, say. */
  filters?: ReactNode;
  /** When there is nothing at all (not: nothing found). */
  empty?: ReactNode;
  /** Within a card, which has a border of its own. */
  isBare?: boolean;
}

/** Rows as the server pages, sorts and searches them. Scrolls sideways by itself when it is narrow. */
export function Table<Row>(props: TableProps<Row>) {
  const { id, caption, columns, rows, rowKey, list, empty, isBare } = props;
  const chosen = useSettings().columns[id] ?? {};
  const shown = columns.filter((column) => chosen[column.id] ?? !column.isHidden);
  if (rows?.length === 0 && !list?.isFiltered && list?.isFirst !== false && empty) return <>{empty}</>;
  return (
    <div className={`${css.root} ${isBare ? css.bare : ''}`}>
      {list && <TableBar {...props} list={list} />}
      <div className={css.scroll} tabIndex={0} role="region" aria-label={caption}>
        <table className={list?.read.isPlaceholderData ? css.old : undefined}>
          <caption className="visually-hidden">{caption}</caption>
          <thead>
            <tr>
              {shown.map((column) => (
                <Head key={column.id} column={column} list={list} />
              ))}
            </tr>
          </thead>
          <tbody>
            {rows?.map((row) => (
              <tr key={rowKey(row)}>
                {shown.map((column) => (
                  <td key={column.id} className={cellClass(column)}>
                    {column.isWide ? <div className={css.clip}>{column.cell(row)}</div> : column.cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {!rows && <Skeleton rows={8} />}
        {rows?.length === 0 && <Nothing list={list} />}
      </div>
      {list && rows && <Pager list={list} shown={rows.length} />}
    </div>
  );
}

const cellClass = (column: { align?: string; isWide?: boolean }) =>
  [column.align === 'end' && css.end, column.isWide && css.wide].filter(Boolean).join(' ') || undefined;

function Head<Row>({ column, list }: { column: Column<Row>; list: List | undefined }) {
  const t = useT();
  if (!column.sort || !list) {
    return (
      <th scope="col" className={cellClass(column)}>
        {column.header}
      </th>
    );
  }
  const isUp = list.sort === column.sort;
  const isDown = list.sort === `-${column.sort}`;
  const Arrow = isDown ? ArrowDown : ArrowUp;
  const other = isUp || (!isDown && column.align === 'end') ? `-${column.sort}` : column.sort;
  return (
    <th scope="col" className={cellClass(column)} aria-sort={isUp ? 'ascending' : isDown ? 'descending' : undefined}>
      <button
        type="button"
        className={css.sort}
        title={t('common.sortBy', { column: column.header })}
        onClick={() => list.setSort(other)}
      >
        {column.header}
        <Arrow size={13} aria-hidden="true" className={isUp || isDown ? undefined : css.unsorted} />
      </button>
    </th>
  );
}

function Nothing({ list }: { list: List | undefined }) {
  const t = useT();
  return (
    <Empty title={t('common.nothingFound')} text={list?.q ? t('common.nothingFoundWhy', { q: list.q }) : undefined}>
      {list?.q && <Button onClick={() => list.setSearch('')}>{t('common.clearSearch')}</Button>}
    </Empty>
  );
}
