import { useEffect, useRef, useState } from 'react';

import { listQuery } from '@/api/list';
import { http, take } from '@/api/client';
import { useRead } from '@/api/read';
import { useT } from '@/i18n/translate';
import { navigate, pathTo } from '@/lib/location';
import { useTyping } from '@/lib/useList';
import { Dialog } from '@/ui/Dialog';

import { navigation, subpages } from './navigation';
import css from './Palette.module.css';

const FOUND_MAX = 8;

interface Found {
  kind: string;
  name: string;
  to: string;
}

/** Pages, topics, groups and teams by a part of their name. */
function useFound(text: string): Found[] {
  const t = useT();
  const wish = (field: string) =>
    listQuery({ limit: FOUND_MAX, cursor: '', sort: field, filters: { [field]: `*${text}*` } });
  const options = { enabled: text !== '', refresh: false as const };
  const topics = useRead(
    ['topics', 'palette', text],
    (signal) => {
      return take(
        http.GET('/topics', { params: { query: { ...wish('name'), fields: 'name', omit_partitions: true } }, signal }),
      );
    },
    options,
  );
  const groups = useRead(
    ['groups', 'palette', text],
    (signal) => {
      return take(http.GET('/groups', { params: { query: { ...wish('group'), fields: 'group' } }, signal }));
    },
    options,
  );
  const teams = useRead(
    ['teams', 'palette', text],
    (signal) => {
      return take(http.GET('/teams', { params: { query: { ...wish('name'), fields: 'name' } }, signal }));
    },
    options,
  );
  const entries = navigation.map((entry) => ({ kind: t('shell.palettePages'), name: t(entry.title), to: entry.to }));
  if (text === '') return entries;
  const below = subpages.map(({ to, title, of }) => ({ kind: t(of), name: t(title), to }));
  const pages = [...entries, ...below].filter(({ name }) => name.toLowerCase().includes(text.toLowerCase()));
  return [
    ...pages,
    ...(topics.data?.topics ?? []).map(({ name }) => ({
      kind: t('shell.paletteTopics'),
      name,
      to: pathTo('/topics/:name', { name }),
    })),
    ...(groups.data?.groups ?? []).map(({ group }) => ({
      kind: t('shell.paletteGroups'),
      name: group,
      to: pathTo('/groups/:group', { group }),
    })),
    ...(teams.data?.teams ?? []).map(({ name }) => ({
      kind: t('shell.teams'),
      name,
      to: pathTo('/teams/:name', { name }),
    })),
  ];
}

/** Goes anywhere by name. Up, down and Enter; it opens with Ctrl K. */
export function Palette({ onClose }: { onClose: () => void }) {
  const t = useT();
  const [wanted, setWanted] = useState('');
  const [text, setText] = useTyping(wanted, setWanted);
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const found = useFound(wanted.trim());
  useEffect(() => setAt(0), [wanted]);
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  const go = (to: string) => {
    onClose();
    navigate(to);
  };
  return (
    <Dialog title={t('shell.keyPalette')} onClose={onClose}>
      <input
        className={css.input}
        role="combobox"
        aria-label={t('shell.palette')}
        aria-expanded="true"
        aria-controls="palette-found"
        aria-activedescendant={found[at] && `palette-${at}`}
        placeholder={t('shell.paletteHint')}
        spellCheck={false}
        autoComplete="off"
        autoFocus
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
          if (step && found.length > 0) {
            event.preventDefault();
            setAt((at + step + found.length) % found.length);
          }
          const chosen = found[at];
          if (event.key === 'Enter' && chosen) go(chosen.to);
        }}
      />
      <ul ref={list} id="palette-found" role="listbox" aria-label={t('shell.palette')} className={css.found}>
        {found.map((one, i) => (
          <li
            key={one.to}
            id={`palette-${i}`}
            role="option"
            aria-selected={i === at}
            onPointerMove={() => setAt(i)}
            onClick={() => go(one.to)}
          >
            <span className={css.name}>{one.name}</span>
            <span className={css.kind}>{one.kind}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className={css.nothing}>{t('shell.paletteNothing')}</p>}
    </Dialog>
  );
}
