/** What differs between two values of JSON, field by field. */
import { isObject } from './exactJson';

export type Sign = 'added' | 'removed' | 'changed' | 'same';

export interface Difference {
  /** "members[ann].role". */
  path: string;
  sign: Sign;
  before?: unknown;
  after?: unknown;
}

/** Fields that tell the items of a list from each other, the first that all of them have. */
const IDENTITIES = ['id', 'person', 'name', 'kind', 'team'];

type Entries = [string, unknown][];

function identityOf(lists: unknown[][]): string | undefined {
  const items = lists.flat();
  if (items.length === 0 || !items.every(isObject)) return undefined;
  return IDENTITIES.find((field) =>
    lists.every((list) => {
      const names = list.map((item) => (item as Record<string, unknown>)[field]);
      return (
        names.every((name) => typeof name === 'string' || typeof name === 'number') &&
        new Set(names).size === names.length
      );
    }),
  );
}

/** Members of an object, or items of a list by their identity; undefined for what is one value. */
function partsOf(value: unknown, identity: string | undefined): Entries | undefined {
  if (isObject(value)) return Object.entries(value).map(([name, item]) => [name, item]);
  if (!Array.isArray(value) || identity === undefined) return undefined;
  return value.map((item: Record<string, unknown>) => [`[${String(item[identity])}]`, item]);
}

const join = (path: string, part: string) => (path === '' || part.startsWith('[') ? path + part : `${path}.${part}`);

const isEqual = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

function leaf(path: string, before: unknown, after: unknown): Difference[] {
  const isNone = (value: unknown) => value === undefined || value === null;
  if (isNone(before) && isNone(after)) return [];
  if (isNone(before)) return [{ path, sign: 'added', after }];
  if (isNone(after)) return [{ path, sign: 'removed', before }];
  return [{ path, sign: isEqual(before, after) ? 'same' : 'changed', before, after }];
}

/** All fields of both, in the order of `before` and then what `after` has besides. Null is as good as absent. */
export function diffOf(before: unknown, after: unknown, path = ''): Difference[] {
  const lists = [before, after].filter(Array.isArray) as unknown[][];
  const identity = lists.length > 0 ? identityOf(lists) : undefined;
  const old = partsOf(before, identity);
  const now = partsOf(after, identity);
  const isWhole = (!old && before !== undefined && before !== null) || (!now && after !== undefined && after !== null);
  if (isWhole || (!old && !now)) return leaf(path, before, after);
  if ((old ?? []).length + (now ?? []).length === 0) return leaf(path, before, after);
  const left = new Map(old);
  const right = new Map(now);
  const names = new Set([...left.keys(), ...right.keys()]);
  return [...names].flatMap((name) => diffOf(left.get(name), right.get(name), join(path, name)));
}

/** Those that say something: what is the same is left out. */
export const changesOf = (before: unknown, after: unknown) =>
  diffOf(before, after).filter((difference) => difference.sign !== 'same');

/** One value on one line. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.join(', ');
  return JSON.stringify(value);
}

export type Unit = 'time' | 'span' | 'bytes' | 'text';

/** How a field is read, by the end of its name: times in µs, spans in ms, sizes. */
export function unitOf(path: string, value: unknown): Unit {
  if (!/^-?\d+$/.test(textOf(value))) return 'text';
  if (/(_at|until|since)_us$|^at_us$/.test(path)) return 'time';
  if (/[._]ms$/.test(path)) return textOf(value).startsWith('-') ? 'text' : 'span';
  if (/bytes(_max|_per_s)?$|\.bytes$/.test(path)) return 'bytes';
  return 'text';
}
