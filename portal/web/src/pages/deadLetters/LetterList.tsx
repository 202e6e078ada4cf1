import { MailCheck } from 'lucide-react';
import { useEffect, useState } from 'react';

import { http, take } from '@/api/client';
import { useT } from '@/i18n/translate';
import { commandLine } from '@/lib/clipboard';
import { useList } from '@/lib/useList';
import { SelectFilter, TextFilter } from '@/pages/groups/Choice';
import { HiddenNote } from '@/pages/shared/HiddenNote';
import { Stale } from '@/ui/Await';
import { Button } from '@/ui/Button';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Table } from '@/ui/Table';

import { letterColumns } from './letterColumns';
import {
  filterWords,
  hiddenTopics,
  IDS_MAX,
  idText,
  isAny,
  type Letter,
  type LetterId,
  type Look,
  queryOf,
} from './letterFilter';
import type { Meant } from './meant';

type Deed = 'redrive' | 'drop';
/** Topics one may not look into; of more than these the letters say it. */
const HIDDEN_SHOWN = 3;

/** A page of letters without their bodies, some of them chosen. */
export function LetterList({
  group,
  look,
  deeds,
  onLook,
  hrefOf,
  onDeed,
}: {
  group: string;
  look: Look;
  /** Changes when something was done with the chosen ones. */
  deeds: number;
  onLook: (look: Partial<Look>) => void;
  hrefOf: (letter: Letter) => string;
  onDeed: (deed: Deed, meant: Meant) => void;
}) {
  const t = useT();
  const [chosen, setChosen] = useState<ReadonlyMap<string, LetterId>>(new Map());
  const list = useList({
    key: ['groups', group, 'dead-letters', look],
    read: ({ limit, cursor }, signal) => {
      const query = { ...queryOf(look, Date.now()), limit, ...(cursor && { cursor }) };
      return take(http.GET('/groups/{group}/dead-letters', { params: { path: { group }, query }, signal }));
    },
    rows: (answer) => answer.letters,
    sort: '',
  });
  const { read, rows } = list;
  // What was moved is not there to be chosen any more.
  const here = (rows ?? []).filter(({ id }) => chosen.has(idText(id)));
  const words = JSON.stringify(look);
  useEffect(() => setChosen(new Map()), [words, deeds]);
  const choose = ({ id }: Letter, isOn: boolean) => {
    const next = new Map(chosen);
    if (isOn && next.size < IDS_MAX) next.set(idText(id), id);
    else next.delete(idText(id));
    setChosen(next);
  };
  const chooseAll = (isOn: boolean) =>
    setChosen(new Map(isOn ? (rows ?? []).slice(0, IDS_MAX).map(({ id }) => [idText(id), id]) : []));
  if (read.error && !read.data) return <ErrorBox error={read.error} onRetry={() => void read.refetch()} />;
  const deed = (what: Deed) => onDeed(what, here.length > 0 ? { ids: here.map(({ id }) => id) } : { look });
  return (
    <>
      {read.data && <Stale read={read} />}
      {[...hiddenTopics(rows ?? [])].slice(0, HIDDEN_SHOWN).map(([topic, why]) => (
        <HiddenNote key={topic} topic={topic} why={why} isNamed />
      ))}
      <Table
        id="dead-letters"
        caption={t('deadLetters.title')}
        columns={letterColumns(t, { isChosen: (id) => chosen.has(idText(id)), choose, hrefOf })}
        rows={rows}
        rowKey={({ id }) => idText(id)}
        list={list}
        command={commandLine('dlq', 'list', '-g', group, ...filterWords(look))}
        filters={
          <>
            <Filters look={look} onLook={onLook} />
            <Button isSmall disabled={!rows?.length} onClick={() => chooseAll(here.length !== rows?.length)}>
              {t(here.length > 0 && here.length === rows?.length ? 'deadLetters.chooseNone' : 'deadLetters.choosePage')}
            </Button>
            <Button isSmall kind="primary" disabled={!rows?.length} onClick={() => deed('redrive')}>
              {here.length > 0 ? t('deadLetters.redriveN', { n: here.length }) : t(allKey(look, 'redrive'))}
            </Button>
            <Button isSmall disabled={!rows?.length} onClick={() => deed('drop')}>
              {here.length > 0 ? t('deadLetters.dropN', { n: here.length }) : t(allKey(look, 'drop'))}
            </Button>
          </>
        }
        empty={isAny(look) ? <Nothing /> : undefined}
      />
    </>
  );
}

const allKey = (look: Look, deed: Deed) =>
  isAny(look) ? (`deadLetters.${deed}All` as const) : (`deadLetters.${deed}Found` as const);

function Filters({ look, onLook }: { look: Look; onLook: (look: Partial<Look>) => void }) {
  const t = useT();
  return (
    <>
      <TextFilter label={t('deadLetters.topic')} value={look.topic} onValue={(topic) => onLook({ topic })} />
      <TextFilter label={t('deadLetters.reason')} value={look.reason} onValue={(reason) => onLook({ reason })} />
      <TextFilter label={t('deadLetters.key')} value={look.key} onValue={(key) => onLook({ key })} />
      <SelectFilter
        label={t('deadLetters.since')}
        options={[
          ['', t('common.all')],
          ['1h', t('groups.last1h')],
          ['24h', t('groups.last24h')],
          ['7d', t('groups.last7d')],
        ]}
        value={look.since}
        onValue={(since) => onLook({ since })}
      />
    </>
  );
}

function Nothing() {
  const t = useT();
  return <Empty icon={<MailCheck size={28} />} title={t('deadLetters.emptyTitle')} text={t('deadLetters.emptyText')} />;
}
