/** Keys and bodies: bytes that come as text where they are UTF-8, else as base64. */

/** Null: there is none, which is not the same as an empty one. */
export type Payload = { text: string } | { base64: string } | null;

/** Of a message of the API: "key" is in `key` or in `key_base64`. */
export function payloadOf<Name extends string>(
  of: Partial<Record<Name | `${Name}_base64`, string | undefined>>,
  name: Name,
): Payload {
  const text = of[name];
  const base64 = of[`${name}_base64`];
  return text !== undefined ? { text } : base64 !== undefined ? { base64 } : null;
}

export function bytesOf(payload: Payload): Uint8Array {
  if (payload === null) return new Uint8Array();
  if ('text' in payload) return new TextEncoder().encode(payload.text);
  const binary = atob(payload.base64);
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

export function sizeOf(payload: Payload): number {
  if (payload === null) return 0;
  if ('text' in payload) return new TextEncoder().encode(payload.text).length;
  const padding = /=*$/.exec(payload.base64)?.[0].length ?? 0;
  return Math.floor((payload.base64.length * 3) / 4) - padding;
}

/** As text, when it is UTF-8 and has no control characters but line ends and tabs; null otherwise. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // eslint-disable-next-line no-control-regex
    return /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}

/** One line of it, cut; null: there is none. */
export function previewOf(payload: Payload, length: number): string | null {
  if (payload === null) return null;
  const text = 'text' in payload ? payload.text : `0x${hexLine(bytesOf(payload).subarray(0, length / 2))}`;
  const line = text.replace(/\s+/g, ' ');
  return line.length > length ? `${line.slice(0, length)}…` : line;
}

const hexByte = (byte: number) => byte.toString(16).padStart(2, '0');
const hexLine = (bytes: Uint8Array) => Array.from(bytes, hexByte).join('');

const HEX_WIDTH = 16;

/** As `hexdump -C`: place, bytes, and the text of those that are printable. Cut after `max` bytes. */
export function hexOf(bytes: Uint8Array, max = 65_536): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, max); at += HEX_WIDTH) {
    const row = bytes.subarray(at, Math.min(at + HEX_WIDTH, max));
    const left = Array.from(row.subarray(0, 8), hexByte).join(' ').padEnd(23);
    const right = Array.from(row.subarray(8), hexByte).join(' ').padEnd(23);
    const text = Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${at.toString(16).padStart(8, '0')}  ${left}  ${right}  |${text}|`);
  }
  return lines.join('\n');
}

export type Compression = 'gzip' | 'zlib' | 'zstd' | 'lz4' | 'xz' | 'bzip2';

const MAGIC: [Compression, number[]][] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['lz4', [0x04, 0x22, 0x4d, 0x18]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['bzip2', [0x42, 0x5a, 0x68]],
];

/** What the bytes look to be compressed with. */
export function compressionOf(bytes: Uint8Array): Compression | null {
  const found = MAGIC.find(([, magic]) => magic.every((byte, i) => bytes[i] === byte));
  if (found) return found[0];
  const [first = 0, second = 0] = bytes;
  // zlib: method 8, a window of at most 32 KiB, and a check of both bytes.
  const isZlib = bytes.length > 6 && (first & 0x0f) === 8 && first >> 4 <= 7 && (first * 256 + second) % 31 === 0;
  return isZlib && textOf(bytes) === null ? 'zlib' : null;
}

/** Those that browsers can undo. */
export const isReadable = (compression: Compression) => compression === 'gzip' || compression === 'zlib';

export const UNPACKED_MAX = 8 << 20;

/** Unpacked, at most UNPACKED_MAX bytes of it; throws when it is broken. */
export async function unpack(bytes: Uint8Array, compression: 'gzip' | 'zlib'): Promise<Uint8Array> {
  const format = compression === 'zlib' ? 'deflate' : 'gzip';
  const stream = new Blob([bytes as BlobPart]).stream().pipeThrough(new DecompressionStream(format));
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value.subarray(0, UNPACKED_MAX - size));
    size += value.length;
    if (size < UNPACKED_MAX) continue;
    await reader.cancel();
    break;
  }
  const all = new Uint8Array(Math.min(size, UNPACKED_MAX));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
