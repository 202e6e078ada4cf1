import type { InputHTMLAttributes, ReactNode, SelectHTMLAttributes, TextareaHTMLAttributes } from 'react';
import { useId } from 'react';

import { useT } from '@/i18n/translate';

import css from './Field.module.css';

interface Frame {
  label: string;
  /** Below the field: what belongs in it. */
  hint?: ReactNode;
  /** What is wrong with it; ApiError.faultOf(pointer) for what the server found. */
  error?: string;
  isOptional?: boolean;
}

interface Ids {
  id: string;
  'aria-describedby'?: string;
  'aria-invalid'?: true;
}

/** Label, field, hint and error, tied together for screen readers. */
function Framed({ label, hint, error, isOptional, children }: Frame & { children: (ids: Ids) => ReactNode }) {
  const t = useT();
  const id = useId();
  const about = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div className={css.field}>
      <label htmlFor={id}>
        {label}
        {isOptional && <span className={css.optional}> ({t('common.optional')})</span>}
      </label>
      {children({ id, ...(about && { 'aria-describedby': about }), ...(error && { 'aria-invalid': true as const }) })}
      {hint && (
        <p id={`${id}-hint`} className={css.hint}>
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className={css.error}>
          {error}
        </p>
      )}
    </div>
  );
}

interface Value {
  value: string;
  onValue: (value: string) => void;
}

type TextProps = Frame & Value & Omit<InputHTMLAttributes<HTMLInputElement>, 'value' | 'onChange' | 'id'>;

export function TextField({ label, hint, error, isOptional, value, onValue, ...rest }: TextProps) {
  return (
    <Framed {...{ label, hint, error, isOptional }}>
      {(ids) => (
        <input
          type="text"
          autoComplete="off"
          spellCheck={false}
          {...rest}
          {...ids}
          className={css.input}
          value={value}
          onChange={(event) => onValue(event.target.value)}
        />
      )}
    </Framed>
  );
}

type AreaProps = Frame & Value & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'value' | 'onChange' | 'id'>;

export function AreaField({ label, hint, error, isOptional, value, onValue, ...rest }: AreaProps) {
  return (
    <Framed {...{ label, hint, error, isOptional }}>
      {(ids) => (
        <textarea
          rows={4}
          {...rest}
          {...ids}
          className={`${css.input} ${css.area}`}
          value={value}
          onChange={(event) => onValue(event.target.value)}
        />
      )}
    </Framed>
  );
}

type SelectProps = Frame &
  Value & { options: readonly (readonly [value: string, label: string])[] } & Omit<
    SelectHTMLAttributes<HTMLSelectElement>,
    'value' | 'onChange' | 'id'
  >;

export function SelectField({ label, hint, error, isOptional, value, onValue, options, ...rest }: SelectProps) {
  return (
    <Framed {...{ label, hint, error, isOptional }}>
      {(ids) => (
        <select
          {...rest}
          {...ids}
          className={css.input}
          value={value}
          onChange={(event) => onValue(event.target.value)}
        >
          {options.map(([option, text]) => (
            <option key={option} value={option}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Framed>
  );
}

export function CheckField({
  label,
  hint,
  isOn,
  onChange,
}: {
  label: string;
  hint?: ReactNode;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}) {
  const id = useId();
  return (
    <div className={css.check}>
      <input id={id} type="checkbox" checked={isOn} onChange={(event) => onChange(event.target.checked)} />
      <label htmlFor={id}>
        {label}
        {hint && <span className={css.hint}>{hint}</span>}
      </label>
    </div>
  );
}
