/** JSON with line breaks. Numbers stay as they were written: JavaScript's own would round those above 2^53. */

const isOpening = (character: string) => character === '{' || character === '[';
const isClosing = (character: string) => character === '}' || character === ']';

/** Null when it is no JSON object or array. */
export function prettyJson(text: string): string | null {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  // It is well-formed: strings, and what stands between them, need only be told apart.
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  let out = '';
  let depth = 0;
  for (const [i, token] of tokens.entries()) {
    if (isOpening(token)) {
      const isEmpty = isClosing(tokens[i + 1] ?? '');
      depth += 1;
      out += isEmpty ? token : `${token}\n${'  '.repeat(depth)}`;
    } else if (isClosing(token)) {
      const isEmpty = isOpening(tokens[i - 1] ?? '');
      depth -= 1;
      out += isEmpty ? token : `\n${'  '.repeat(depth)}${token}`;
    } else if (token === ',') {
      out += `,\n${'  '.repeat(depth)}`;
    } else {
      out += token === ':' ? ': ' : token;
    }
  }
  return out;
}
