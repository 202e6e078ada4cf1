/** Small controls above lists: one of a few, a filter by value, by text, on or off. */
import { useTyping } from '@/lib/useList';

import css from './Choice.module.css';

/** One of a few, all of them seen. */
export function Choice<Value extends string>({
  label,
  options,
  value,
  onValue,
}: {
  label: string;
  options: readonly (readonly [value: Value, text: string])[];
  value: Value;
  onValue: (value: Value) => void;
}) {
  return (
    <div className={css.choice} role="group" aria-label={label}>
      {options.map(([option, text]) => (
        <button key={option} type="button" aria-pressed={option === value} onClick={() => onValue(option)}>
          {text}
        </button>
      ))}
    </div>
  );
}

export function SelectFilter({
  label,
  options,
  value,
  onValue,
}: {
  label: string;
  /** '' stands for all. */
  options: readonly (readonly [value: string, text: string])[];
  value: string;
  onValue: (value: string) => void;
}) {
  return (
    <label className={css.filter}>
      {label}
      <select value={value} onChange={(event) => onValue(event.target.value)}>
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

export function TextFilter({
  label,
  value,
  onValue,
}: {
  label: string;
  value: string;
  onValue: (value: string) => void;
}) {
  const [text, setText] = useTyping(value, onValue);
  return (
    <label className={css.filter}>
      {label}
      <input type="text" spellCheck={false} value={text} onChange={(event) => setText(event.target.value)} />
    </label>
  );
}

export function CheckFilter({
  label,
  isOn,
  onChange,
}: {
  label: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}) {
  return (
    <label className={css.filter}>
      <input type="checkbox" checked={isOn} onChange={(event) => onChange(event.target.checked)} />
      {label}
    </label>
  );
}
