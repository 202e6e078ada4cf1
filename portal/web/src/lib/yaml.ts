/** Values of JSON as YAML, for people to read and to keep in files. */

const PLAIN = /^[A-Za-z_/][\w ./@+-]*$/;
const SPECIAL = /^(true|false|yes|no|on|off|null|~|y|n)$/i;

function scalar(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value !== 'string') return JSON.stringify(value);
  const isPlain = PLAIN.test(value) && !SPECIAL.test(value) && !/ $/.test(value);
  return isPlain ? value : JSON.stringify(value);
}

const isBlock = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0;

const empty = (value: unknown) => (Array.isArray(value) ? '[]' : '{}');

function lines(value: object, indent: string): string[] {
  const isList = Array.isArray(value);
  return Object.entries(value).flatMap(([name, item]: [string, unknown]) => {
    if (item === undefined) return [];
    const head = isList ? `${indent}-` : `${indent}${scalar(name)}:`;
    if (!isBlock(item)) {
      const text = typeof item === 'object' && item !== null ? empty(item) : scalar(item);
      return [`${head} ${text}`];
    }
    const inner = lines(item, `${indent}  `);
    if (!isList) return [head, ...inner];
    // "- name: x": the first line of an item stands behind its dash.
    return [`${head} ${(inner[0] as string).trimStart()}`, ...inner.slice(1)];
  });
}

/** Ends with a line feed. Members that are undefined are left out. */
export function toYaml(value: unknown): string {
  if (!isBlock(value)) return `${typeof value === 'object' && value !== null ? empty(value) : scalar(value)}\n`;
  return `${lines(value, '').join('\n')}\n`;
}
