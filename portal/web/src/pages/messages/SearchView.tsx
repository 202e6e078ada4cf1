import { Search, SearchX } from 'lucide-react';
import { useMemo } from 'react';

import { useT } from '@/i18n/translate';
import { useSettings } from '@/lib/settings';
import { useUrlState } from '@/lib/urlState';
import { Button } from '@/ui/Button';
import { Command } from '@/ui/CopyButton';
import { Empty } from '@/ui/Empty';
import { ErrorBox } from '@/ui/ErrorBox';
import { Table } from '@/ui/Table';

import { messageColumns } from './messageColumns';
import css from './Messages.module.css';
import { Errors } from './PageView';
import { bodyOf, errorsIn, faultsOf, isWish, SEARCH_DEFAULTS, searchCommand, type Wish } from './search';
import { SearchForm } from './SearchForm';
import { LookedAt, SearchProgress } from './SearchProgress';
import { useSearch } from './useSearch';
import type { ViewProps } from './view';

/** Messages that have what somebody looks for: the servers look for it, and say what they have looked at. */
export function SearchView({ topic, state, change }: ViewProps) {
  const t = useT();
  const { clock } = useSettings();
  const [wish, setWish] = useUrlState(SEARCH_DEFAULTS);
  const { partition } = state;
  const body = useMemo(() => {
    const isFine = isWish(wish, partition) && Object.keys(faultsOf(wish, partition)).length === 0;
    return isFine ? bodyOf(wish, partition, clock) : null;
  }, [wish, partition, clock]);
  const search = useSearch(topic.name, body);
  const { found, why, error, isRunning, goOn } = search;
  const send = (next: Wish) => {
    const isSame = JSON.stringify(next) === JSON.stringify(wish);
    if (isSame) search.again();
    else {
      if (state.m !== '') change({ m: '' }, { replace: true });
      setWish(next);
    }
  };
  return (
    <>
      <SearchForm wish={wish} partition={partition} onSend={send} />
      {body === null ? (
        <Empty icon={<Search size={28} />} title={t('messages.searchWhat')} text={t('messages.searchHow')} />
      ) : (
        <>
          <SearchProgress search={search} partitions={partition === '' ? topic.partitions.length : 1} />
          {error && <ErrorBox error={error} onRetry={goOn} />}
          <Errors errors={errorsIn(found)} />
          <Table
            id="messages"
            caption={t('messages.found')}
            columns={messageColumns(t, (m) => change({ m }))}
            rows={found.messages}
            rowKey={(one) => `${one.partition}/${one.offset}`}
            empty={
              error ? undefined : (
                <Empty
                  icon={<SearchX size={28} />}
                  title={t(isRunning || why === null ? 'messages.searching' : 'messages.notFound')}
                  text={why === null || why === 'done' ? undefined : t('messages.notFoundYet')}
                />
              )
            }
          />
          {found.cursor !== null && !isRunning && found.messages.length > 0 && (
            <div className={css.buttons}>
              <Button isSmall onClick={goOn}>
                {t('messages.loadMore')}
              </Button>
            </div>
          )}
          <LookedAt looked={found.looked} />
          <Command text={searchCommand(topic.name, wish, partition, clock)} />
        </>
      )}
    </>
  );
}
