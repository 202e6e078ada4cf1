import { useT } from '@/i18n/translate';
import { FilterSelect } from '@/pages/shared/filters';

import type { Server } from './servers';

/** Which server a page is about. */
export function ServerSelect({
  servers,
  value,
  onValue,
}: {
  servers: Server[];
  value: string;
  onValue: (address: string) => void;
}) {
  const t = useT();
  return (
    <FilterSelect
      label={t('servers.server')}
      value={value}
      onValue={onValue}
      options={servers.map(({ address, broker }) => [
        address,
        broker === undefined
          ? t('servers.metaserverAt', { address })
          : t('servers.brokerAt', { broker: String(broker), address }),
      ])}
    />
  );
}
