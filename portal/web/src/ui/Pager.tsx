import { ChevronFirst, ChevronLeft, ChevronRight } from 'lucide-react';

import { useT } from '@/i18n/translate';
import { exact } from '@/lib/format';
import { type List, PAGE_SIZES } from '@/lib/useList';

import { IconButton } from './Button';
import css from './Table.module.css';

/** Below a table: which rows these are, and where the others are. */
export function Pager({ list, shown }: { list: List; shown: number }) {
  const t = useT();
  const from = shown === 0 ? 0 : list.at + 1;
  const range = { from: exact(from), to: exact(list.at + shown) };
  const sizes = PAGE_SIZES.includes(list.limit) ? PAGE_SIZES : [...PAGE_SIZES, list.limit].sort((a, b) => a - b);
  return (
    <div className={css.pager}>
      <span role="status">
        {list.total === undefined
          ? t('common.rows', range)
          : t('common.rowsOf', { ...range, total: exact(list.total) })}
      </span>
      <div className={css.pages}>
        <label>
          {t('common.rowsPerPage')}
          <select value={list.limit} onChange={(event) => list.setLimit(Number(event.target.value))}>
            {sizes.map((size) => (
              <option key={size}>{size}</option>
            ))}
          </select>
        </label>
        <IconButton
          isSmall
          label={t('common.firstPage')}
          icon={<ChevronFirst size={16} />}
          disabled={list.isFirst}
          onClick={list.first}
        />
        <IconButton
          isSmall
          label={t('common.previousPage')}
          icon={<ChevronLeft size={16} />}
          disabled={!list.previous}
          onClick={list.previous}
        />
        <IconButton
          isSmall
          label={t('common.nextPage')}
          icon={<ChevronRight size={16} />}
          disabled={!list.hasNext}
          onClick={list.next}
        />
      </div>
    </div>
  );
}
