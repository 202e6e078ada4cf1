/** Where clients put a key: Kafka's murmur2, as common/core/partition has it. */

export function murmur2(data: Uint8Array): number {
  const m = 0x5bd1e995;
  const byte = (i: number) => data[i] ?? 0;
  let h = 0x9747b28c ^ data.length;
  const blocks = data.length >> 2;
  for (let i = 0; i < blocks * 4; i += 4) {
    let k = byte(i) | (byte(i + 1) << 8) | (byte(i + 2) << 16) | (byte(i + 3) << 24);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    h = Math.imul(h, m) ^ Math.imul(k, m);
  }
  const rest = blocks * 4;
  const left = data.length % 4;
  if (left === 3) h ^= byte(rest + 2) << 16;
  if (left >= 2) h ^= byte(rest + 1) << 8;
  if (left >= 1) h = Math.imul(h ^ byte(rest), m);
  h = Math.imul(h ^ (h >>> 13), m);
  return h ^ (h >>> 15);
}

export const partitionOfKey = (key: Uint8Array, partitions: number) => (murmur2(key) & 0x7fffffff) % partitions;
