import { describe, expect, it } from 'vitest';

import { bytesOf, compressionOf, hexOf, payloadOf, previewOf, sizeOf, textOf, unpack } from './payload';

describe('payloads', () => {
  it('tell an absent one from an empty one', () => {
    expect(payloadOf({ key: undefined, key_base64: undefined }, 'key')).toBeNull();
    expect(payloadOf({ key: '' }, 'key')).toEqual({ text: '' });
    expect(payloadOf({ key_base64: '/w==' }, 'key')).toEqual({ base64: '/w==' });
  });

  it('are measured in bytes', () => {
    expect(sizeOf({ text: '消息' })).toBe(6);
    for (const bytes of [[1], [1, 2], [1, 2, 3]]) {
      const base64 = btoa(String.fromCharCode(...bytes));
      expect(sizeOf({ base64 })).toBe(bytes.length);
      expect([...bytesOf({ base64 })]).toEqual(bytes);
    }
  });

  it('are shown in one line', () => {
    expect(previewOf({ text: 'a\n  b' }, 10)).toBe('a b');
    expect(previewOf({ text: 'abcdef' }, 3)).toBe('abc…');
    expect(previewOf({ base64: '/wA=' }, 10)).toBe('0xff00');
    expect(previewOf(null, 10)).toBeNull();
  });

  it('are text only when they can be read', () => {
    expect(textOf(new TextEncoder().encode('a\tb\n消'))).toBe('a\tb\n消');
    expect(textOf(Uint8Array.of(0xff))).toBeNull();
    expect(textOf(Uint8Array.of(0x61, 0x00))).toBeNull();
  });

  it('are dumped as hexdump does', () => {
    const bytes = new TextEncoder().encode('0123456789abcdef!');
    expect(hexOf(bytes)).toBe(
      '00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|\n' +
        `00000010  21${' '.repeat(48)}|!|`,
    );
    expect(hexOf(bytes, 2)).toBe(`00000000  30 31${' '.repeat(45)}|01|`);
  });

  it('are unpacked when browsers can', async () => {
    const packed = await new Response(
      new Blob(['hello '.repeat(50)]).stream().pipeThrough(new CompressionStream('gzip')),
    ).arrayBuffer();
    const bytes = new Uint8Array(packed);
    expect(compressionOf(bytes)).toBe('gzip');
    expect(textOf(await unpack(bytes, 'gzip'))).toBe('hello '.repeat(50));
    await expect(unpack(bytes.subarray(0, 12), 'gzip')).rejects.toThrow();
    expect(compressionOf(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0))).toBe('zstd');
    expect(compressionOf(new TextEncoder().encode('{"a":1}'))).toBeNull();
  });
});
