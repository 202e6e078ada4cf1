/** Fields for the bar above a table. */
import { useTyping } from '@/lib/useList';

import css from './filters.module.css';

export function FilterSelect({
  label,
  value,
  onValue,
  options,
}: {
  label: string;
  value: string;
  onValue: (value: string) => void;
  options: readonly (readonly [value: string, text: string])[];
}) {
  return (
    <select
      className={css.field}
      aria-label={label}
      title={label}
      value={value}
      onChange={(event) => onValue(event.target.value)}
    >
      {options.map(([option, text]) => (
        <option key={option} value={option}>
          {text}
        </option>
      ))}
    </select>
  );
}

/** Passed on when one stops typing. `hints`: what there is to choose from. */
export function FilterText({
  label,
  value,
  onValue,
  hints,
}: {
  label: string;
  value: string;
  onValue: (value: string) => void;
  hints?: string[];
}) {
  const [text, setText] = useTyping(value, (typed) => onValue(typed.trim()));
  const id = `hints-${label.replace(/\W+/g, '-')}`;
  return (
    <>
      <input
        type="text"
        className={css.field}
        aria-label={label}
        placeholder={label}
        spellCheck={false}
        value={text}
        list={hints ? id : undefined}
        onChange={(event) => setText(event.target.value)}
      />
      {hints && (
        <datalist id={id}>
          {hints.map((hint) => (
            <option key={hint} value={hint} />
          ))}
        </datalist>
      )}
    </>
  );
}

/** A row of them, where a table has no bar of its own. */
export function FilterBar({ children }: { children: React.ReactNode }) {
  return (
    <div className={css.bar} role="search">
      {children}
    </div>
  );
}
