import type { KeyboardEvent, ReactNode } from 'react';
import { useEffect, useId, useRef, useState } from 'react';

import css from './Menu.module.css';

export interface MenuItem {
  label: string;
  icon?: ReactNode;
  act: () => void;
  /** One of several of which one holds, or a thing that is on or off; absent: it just does something. */
  isChosen?: boolean;
  isDisabled?: boolean;
  /** The menu stays open: columns are ticked one after the other. */
  isKept?: boolean;
}

export interface MenuSection {
  title?: string;
  items: MenuItem[];
}

/** A button that opens a list of things to do. Arrows, Home, End, Escape and Tab work. */
export function Menu({
  label,
  button,
  sections,
  className,
  isUp = false,
}: {
  /** For screen readers and on hover. */
  label: string;
  button: ReactNode;
  sections: MenuSection[];
  className?: string;
  isUp?: boolean;
}) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const trigger = useRef<HTMLButtonElement>(null);
  const items = () => [...(root.current?.querySelectorAll<HTMLElement>('[role^=menuitem]:not(:disabled)') ?? [])];

  useEffect(() => {
    if (!isOpen) return;
    items()[0]?.focus();
    const away = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', away);
    return () => document.removeEventListener('pointerdown', away);
  }, [isOpen]);

  const close = () => {
    setOpen(false);
    trigger.current?.focus();
  };
  const onKey = (event: KeyboardEvent) => {
    if (!isOpen) return;
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      all[(to + all.length) % all.length]?.focus();
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      close();
    } else if (event.key === 'Tab') {
      setOpen(false);
    }
  };
  const act = (item: MenuItem) => {
    if (!item.isKept) close();
    item.act();
  };
  return (
    <div ref={root} className={css.root} onKeyDown={onKey}>
      <button
        ref={trigger}
        type="button"
        className={className ?? css.trigger}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        aria-label={label}
        title={label}
        onClick={() => setOpen(!isOpen)}
      >
        {button}
      </button>
      {isOpen && (
        <div id={id} role="menu" aria-label={label} className={`${css.menu} ${isUp ? css.up : ''}`}>
          {sections.map((section, i) => (
            <div key={i} role="group" aria-label={section.title} className={css.section}>
              {section.title && <div className={css.title}>{section.title}</div>}
              {section.items.map((item) => (
                <button
                  key={item.label}
                  type="button"
                  tabIndex={-1}
                  role={item.isChosen === undefined ? 'menuitem' : item.isKept ? 'menuitemcheckbox' : 'menuitemradio'}
                  aria-checked={item.isChosen}
                  disabled={item.isDisabled}
                  className={css.item}
                  onClick={() => act(item)}
                >
                  <span className={css.mark} aria-hidden="true">
                    {item.isChosen ? '✓' : item.icon}
                  </span>
                  {item.label}
                </button>
              ))}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
