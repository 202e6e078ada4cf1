/** Brokers and metaservers alike: which there are, and what each was started with. */
import type { Schemas } from '@/api/client';

export type Setting = Schemas['Setting'];

export interface Server {
  /** As the API takes it. */
  address: string;
  /** Of a broker. */
  broker?: number;
}

/** Metaservers first; dead brokers do not answer. */
export function serversOf(metadata: Schemas['MetadataResponse']): Server[] {
  const address = ({ host, port }: { host: string; port: number }) => `${host}:${port}`;
  return [
    ...(metadata.metaservers ?? []).map((one) => ({ address: address(one) })),
    ...(metadata.brokers ?? [])
      .filter((one) => one.state !== 'DEAD')
      .map((one) => ({ address: address(one), broker: one.broker_id })),
  ];
}

/** The one that is chosen, if it is still there; else the first. */
export const chosenOf = (servers: Server[], address: string): Server | undefined =>
  servers.find((one) => one.address === address) ?? servers[0];

/** What its name, value or purpose have of every word. */
export function foundSettings(settings: Setting[], text: string, isGivenAlone: boolean): Setting[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return settings.filter((one) => {
    const said = `${one.name} ${one.value} ${one.description ?? ''}`.toLowerCase();
    return (one.is_given || !isGivenAlone) && words.every((word) => said.includes(word));
  });
}
