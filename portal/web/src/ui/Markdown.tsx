import type { ReactNode } from 'react';

import { type Block, blocksOf, type Inline } from '@/lib/markdown';

import { Link } from './Link';
import css from './Markdown.module.css';

/** A description as it was meant. Headings are those of a card: h3. */
export function Markdown({ text }: { text: string }) {
  return <div className={css.text}>{blocksOf(text).map(blockOf)}</div>;
}

function blockOf(block: Block, key: number): ReactNode {
  switch (block.kind) {
    case 'heading':
      return <h3 key={key}>{block.of.map(inlineOf)}</h3>;
    case 'code':
      return (
        <pre key={key} tabIndex={0}>
          {block.text}
        </pre>
      );
    case 'list': {
      const items = block.items.map((item, i) => <li key={i}>{item.map(inlineOf)}</li>);
      return block.isOrdered ? <ol key={key}>{items}</ol> : <ul key={key}>{items}</ul>;
    }
    default:
      return <p key={key}>{block.of.map(inlineOf)}</p>;
  }
}

function inlineOf(part: Inline, key: number): ReactNode {
  switch (part.kind) {
    case 'code':
      return <code key={key}>{part.text}</code>;
    case 'strong':
      return <strong key={key}>{part.text}</strong>;
    case 'em':
      return <em key={key}>{part.text}</em>;
    case 'link':
      return part.to.startsWith('/') ? (
        <Link key={key} to={part.to}>
          {part.text}
        </Link>
      ) : (
        <a key={key} href={part.to} target="_blank" rel="noreferrer">
          {part.text}
        </a>
      );
    default:
      return part.text;
  }
}
