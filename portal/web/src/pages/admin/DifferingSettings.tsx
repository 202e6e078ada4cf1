import { useRead } from '@/api/read';
import { type T, useT } from '@/i18n/translate';
import { Await, Skeleton } from '@/ui/Await';
import { Empty } from '@/ui/Empty';
import { type Column, Table } from '@/ui/Table';
import { Quiet } from '@/ui/values';

import css from './admin.module.css';
import { differing, type Server } from './servers';
import { readSettings } from './useServers';

type Row = [name: string, told: [address: string, value: string][]];

function columnsOf(t: T): Column<Row>[] {
  return [
    { id: 'name', header: t('servers.setting'), cell: ([name]) => <code>{name}</code> },
    {
      id: 'values',
      header: t('servers.whoHasWhat'),
      cell: ([, told]) => (
        <ul className={css.list}>
          {told.map(([address, value]) => (
            <li key={address}>
              <span className={css.soft}>{address}</span>{' '}
              {value === '' ? <Quiet>{t('servers.empty')}</Quiet> : <code>{value}</code>}
            </li>
          ))}
        </ul>
      ),
    },
  ];
}

/** What servers of a kind do not have in common. One that does not answer is named, and the others are compared. */
export function DifferingSettings({ servers, find }: { servers: Server[]; find: string }) {
  const t = useT();
  const addresses = servers.map((one) => one.address);
  const read = useRead(['server', 'settings', addresses], async (signal) => {
    const asked = await Promise.allSettled(addresses.map((address) => readSettings(address, signal)));
    const failed = asked.find((one) => one.status === 'rejected');
    if (failed && asked.every((one) => one.status === 'rejected')) throw failed.reason as Error;
    const silent = addresses.filter((_, i) => asked[i]?.status === 'rejected');
    const said = asked.flatMap((one, i) =>
      one.status === 'fulfilled' ? [{ address: addresses[i] as string, settings: one.value.settings }] : [],
    );
    return { said, silent };
  });
  return (
    <Await read={read} skeleton={<Skeleton rows={8} />}>
      {({ said, silent }) => (
        <>
          {silent.length > 0 && <p className={css.warning}>{t('servers.silent', { servers: silent.join(', ') })}</p>}
          <Table
            id="differing"
            caption={t('servers.differing')}
            columns={columnsOf(t)}
            rows={[...differing(said)].filter(([name]) => name.includes(find.toLowerCase()))}
            rowKey={([name]) => name}
            empty={
              find === '' ? (
                <Empty title={t('servers.alike')} text={t('servers.alikeWhy')} />
              ) : (
                <Empty title={t('servers.noneFound')} text={t('servers.noneFoundWhy')} />
              )
            }
          />
        </>
      )}
    </Await>
  );
}
