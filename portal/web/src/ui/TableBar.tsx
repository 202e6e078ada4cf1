import { Columns3, Ellipsis, FileCode, FileDown, Search, Terminal, X } from 'lucide-react';
import { useState } from 'react';

import { useT } from '@/i18n/translate';
import { copyText, saveFile } from '@/lib/clipboard';
import { toCsv } from '@/lib/csv';
import { changeSettings, useSettings } from '@/lib/settings';
import { type List, useTyping } from '@/lib/useList';

import { IconButton } from './Button';
import { Menu, type MenuItem } from './Menu';
import type { TableProps } from './Table';
import css from './Table.module.css';
import { toast } from './toast';
import { YamlDialog } from './YamlDialog';

/** Above a table: search, filters, columns, and the same as CSV, YAML or a command line. */
export function TableBar<Row>({
  id,
  caption,
  columns,
  rows,
  list,
  command,
  filters,
}: TableProps<Row> & { list: List }) {
  const t = useT();
  const { columns: kept } = useSettings();
  const [isYaml, setYaml] = useState(false);
  const chosen = kept[id] ?? {};
  const isShown = (column: { id: string; isHidden?: boolean }) => chosen[column.id] ?? !column.isHidden;
  const choose = (column: string, isOn: boolean) =>
    changeSettings({ columns: { ...kept, [id]: { ...chosen, [column]: isOn } } });
  const csv = () => {
    const written = columns.filter((column) => column.text && isShown(column));
    const cells = (rows ?? []).map((row) => written.map((column) => column.text?.(row) ?? ''));
    saveFile(
      `${id}.csv`,
      toCsv(
        written.map((column) => column.header),
        cells,
      ),
      'text/csv',
    );
  };
  const more: MenuItem[] = [
    { label: t('common.showYaml'), icon: <FileCode size={15} />, act: () => setYaml(true) },
    { label: t('common.saveCsv'), icon: <FileDown size={15} />, act: csv },
  ];
  if (command) {
    const copy = () => void copyText(command).then(() => toast.show({ tone: 'good', text: command }));
    more.unshift({ label: t('common.copyCommand'), icon: <Terminal size={15} />, act: copy });
  }
  return (
    <div className={css.bar}>
      {list.hasSearch && <SearchBox list={list} label={`${t('common.search')}: ${caption}`} />}
      {filters}
      <div className={css.tools}>
        <Menu
          label={t('common.columns')}
          button={<Columns3 size={17} />}
          sections={[
            {
              title: t('common.columns'),
              items: columns.slice(1).map((column) => ({
                label: column.header,
                isChosen: isShown(column),
                isKept: true,
                act: () => choose(column.id, !isShown(column)),
              })),
            },
          ]}
        />
        <Menu label={t('common.more')} button={<Ellipsis size={17} />} sections={[{ items: more }]} />
      </div>
      {isYaml && <YamlDialog title={caption} value={rows ?? []} onClose={() => setYaml(false)} />}
    </div>
  );
}

function SearchBox({ list, label }: { list: List; label: string }) {
  const t = useT();
  const [text, setText] = useTyping(list.q, list.setSearch);
  return (
    <div className={css.search} role="search">
      <Search size={15} aria-hidden="true" />
      <input
        type="text"
        aria-label={label}
        aria-keyshortcuts="/"
        data-list-search
        placeholder={t('common.searchBy')}
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && setText('')}
      />
      {text ? (
        <IconButton isSmall label={t('common.clearSearch')} icon={<X size={14} />} onClick={() => setText('')} />
      ) : (
        <kbd aria-hidden="true">/</kbd>
      )}
    </div>
  );
}
