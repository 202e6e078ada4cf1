/** The part of Markdown that descriptions need, as a tree: no HTML, so nothing that is written can be markup of the page. */

export type Inline =
  | { kind: 'text' | 'code' | 'strong' | 'em'; text: string }
  | { kind: 'link'; text: string; to: string };

export type Block =
  | { kind: 'text' | 'heading'; of: Inline[] }
  | { kind: 'list'; isOrdered: boolean; items: Inline[][] }
  | { kind: 'code'; text: string };

// Code first: what is in it is as it is. An address ends before what ends a sentence.
const INLINE =
  /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^()\s]+)\)|(https?:\/\/[^\s<>()]*[^\s<>().,;:!?'"])/g;
/** Of the web, or of this portal; "//host" and "javascript:" are neither. */
const isAddress = (to: string) => /^https?:\/\//.test(to) || /^\/(?!\/)/.test(to);

export function inlineOf(text: string): Inline[] {
  const found: Inline[] = [];
  let end = 0;
  const plain = (until: number) => {
    if (until > end) found.push({ kind: 'text', text: text.slice(end, until) });
  };
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, strong, em, name, to, address] = match;
    plain(match.index);
    end = match.index + whole.length;
    if (code !== undefined) found.push({ kind: 'code', text: code });
    else if (strong !== undefined) found.push({ kind: 'strong', text: strong });
    else if (em !== undefined) found.push({ kind: 'em', text: em });
    else if (address !== undefined) found.push({ kind: 'link', text: address, to: address });
    else if (name !== undefined && to !== undefined && isAddress(to)) found.push({ kind: 'link', text: name, to });
    else found.push({ kind: 'text', text: whole });
  }
  plain(text.length);
  return found;
}

const FENCE = /^\s*```/;
const HEADING = /^#{1,6}\s+(.*)$/;
const ITEM = /^\s*(?:[-*+]|(\d{1,3})[.)])\s+(.*)$/;
const startsBlock = (line: string) => line.trim() === '' || [FENCE, HEADING, ITEM].some((start) => start.test(line));

/** Lines up to one that `isEnd`; what is left begins with that one. */
function takeUntil(lines: string[], isEnd: (line: string) => boolean): string[] {
  const at = lines.findIndex(isEnd);
  return lines.splice(0, at < 0 ? lines.length : at);
}

function listOf(lines: string[]): Block {
  const items: string[] = [];
  const isOrdered = ITEM.exec(lines[0] ?? '')?.[1] !== undefined;
  for (let item = ITEM.exec(lines[0] ?? ''); item; item = ITEM.exec(lines[0] ?? '')) {
    lines.shift();
    items.push([item[2] ?? '', ...takeUntil(lines, startsBlock).map((line) => line.trim())].join(' '));
  }
  return { kind: 'list', isOrdered, items: items.map(inlineOf) };
}

export function blocksOf(text: string): Block[] {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  const blocks: Block[] = [];
  for (let line = lines[0]; line !== undefined; line = lines[0]) {
    const heading = HEADING.exec(line);
    if (line.trim() === '') lines.shift();
    else if (FENCE.test(line)) {
      lines.shift();
      blocks.push({ kind: 'code', text: takeUntil(lines, (one) => FENCE.test(one)).join('\n') });
      lines.shift();
    } else if (heading) {
      lines.shift();
      blocks.push({ kind: 'heading', of: inlineOf(heading[1] ?? '') });
    } else if (ITEM.test(line)) blocks.push(listOf(lines));
    else {
      const rest = [lines.shift() as string, ...takeUntil(lines, startsBlock)];
      blocks.push({ kind: 'text', of: inlineOf(rest.map((one) => one.trim()).join(' ')) });
    }
  }
  return blocks;
}

const plainOf = (of: Inline[]) => of.map(({ text }) => text).join('');

/** What stands in one line of a list: the first paragraph, without marks. */
export function summaryOf(text: string | undefined): string {
  const [first] = blocksOf(text ?? '');
  if (!first) return '';
  if (first.kind === 'code') return first.text.split('\n')[0] ?? '';
  return plainOf(first.kind === 'list' ? (first.items[0] ?? []) : first.of);
}

/** There is more to show than its summary: more blocks, or marks in the only one. */
export function isMoreThanSummary(text: string | undefined): boolean {
  const [first, ...more] = blocksOf(text ?? '');
  if (!first) return false;
  return more.length > 0 || first.kind !== 'text' || first.of.some(({ kind }) => kind !== 'text');
}
