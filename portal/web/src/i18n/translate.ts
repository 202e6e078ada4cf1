/** Texts by key, with values: "{name}", and "{n:topic|topics}" for one and for others. */
import { useMemo } from 'react';

import { useSettings } from '@/lib/settings';

import { en } from './en';
import { zh } from './zh';

type En = typeof en;
/** "topics.title". */
export type Key = { [Area in keyof En]: `${Area}.${keyof En[Area] & string}` }[keyof En];
export type Values = Record<string, string | number>;
export type T = (key: Key, values?: Values) => string;

const dictionaries: Record<'en' | 'zh', Record<string, Record<string, string>>> = { en, zh };

/** "{n:one|many}" counts by the value of n, which may be written with commas. */
export function fill(text: string, values: Values = {}): string {
  return text.replace(/\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g, (whole, name: string, one?: string, many?: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    if (one === undefined || many === undefined) return String(value);
    return String(value) === '1' ? one : many;
  });
}

export function translate(language: 'en' | 'zh', key: Key, values?: Values): string {
  const dot = key.indexOf('.');
  const text = dictionaries[language][key.slice(0, dot)]?.[key.slice(dot + 1)];
  return text === undefined ? key : fill(text, values);
}

/** `const t = useT(); t('topics.title')`. */
export function useT(): T {
  const { language } = useSettings();
  return useMemo(() => (key: Key, values?: Values) => translate(language, key, values), [language]);
}
