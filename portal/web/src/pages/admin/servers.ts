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

/** Those of the same kind as the one at an address: brokers, or metaservers. */
export const alike = (servers: Server[], address: string): Server[] => {
  const isBroker = chosenOf(servers, address)?.broker !== undefined;
  return servers.filter((one) => (one.broker !== undefined) === isBroker);
};

/** Settings that servers of a kind do not have in common: by name, who has which value. */
export function differing(said: { address: string; settings: Setting[] }[]): Map<string, [string, string][]> {
  const values = new Map<string, [string, string][]>();
  for (const { address, settings } of said) {
    for (const { name, value } of settings) values.set(name, [...(values.get(name) ?? []), [address, value]]);
  }
  return new Map([...values].filter(([, told]) => new Set(told.map(([, value]) => value)).size > 1));
}

/** What its name, value or purpose have of every word. */
export function foundSettings(settings: Setting[], text: string, isGivenAlone: boolean): Setting[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return settings.filter((one) => {
    const said = `${one.name} ${one.value} ${one.description ?? ''}`.toLowerCase();
    return (one.is_given || !isGivenAlone) && words.every((word) => said.includes(word));
  });
}
