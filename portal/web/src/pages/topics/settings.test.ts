import { describe, expect, it } from 'vitest';

import { parseBytes, parseSetting, parseTime, SETTINGS, settingText } from './settings';

const setting = (name: string) => SETTINGS.find((one) => one.name === name)!;

describe('settings', () => {
  it('reads times', () => {
    expect(parseTime('7d')).toBe(604_800_000n);
    expect(parseTime('1.5 h')).toBe(5_400_000n);
    expect(parseTime('90000')).toBe(90_000n);
    expect(parseTime('0.0001 ms')).toBeNull();
    expect(parseTime('7 fortnights')).toBeNull();
    expect(parseTime('-3d')).toBeNull();
  });

  it('reads sizes', () => {
    expect(parseBytes('1MiB')).toBe(1_048_576n);
    expect(parseBytes('2k')).toBe(2_048n);
    expect(parseBytes('800')).toBe(800n);
    expect(parseBytes('8 d')).toBeNull();
  });

  it('knows which may be without limit', () => {
    expect(parseSetting(setting('retention.ms'), 'for ever')).toBe('-1');
    expect(parseSetting(setting('max.message.bytes'), 'for ever')).toBeNull();
    expect(parseSetting(setting('retention.ms'), '0')).toBeNull();
    expect(parseSetting(setting('retention.unread'), 'perhaps')).toBeNull();
  });

  it('writes what it reads', () => {
    for (const [name, value] of [
      ['retention.ms', '604800000'],
      ['retention.ms', '5400000'],
      ['retention.ms', '1501'],
      ['retention.ms', '-1'],
      ['retention.bytes', '9007199254740993'],
      ['max.message.bytes', '1048576'],
      ['retention.unread', 'block'],
    ] as const) {
      const text = settingText(setting(name), value, 'for ever');
      expect(parseSetting(setting(name), text)).toBe(value);
    }
    expect(settingText(setting('retention.ms'), '604800000', '')).toBe('7 d');
  });
});
