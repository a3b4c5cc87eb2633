/** One labelled input: label, hint and error are tied to it for screen readers. */
import { useId, type ComponentProps } from 'react';

interface Common {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly labelHidden?: boolean;
}
type FieldProps =
  | ({ readonly multiline?: false } & Common & Omit<ComponentProps<'input'>, 'id'>)
  | ({ readonly multiline: true } & Common & Omit<ComponentProps<'textarea'>, 'id'>);

export function Field(props: FieldProps) {
  const id = useId();
  const { label, hint, error, labelHidden = false } = props;
  const described = [hint === undefined ? '' : `${id}-hint`, error === undefined ? '' : `${id}-error`].join(' ').trim();
  const shared = {
    id,
    className: 'input',
    'aria-invalid': error === undefined ? undefined : true,
    'aria-describedby': described === '' ? undefined : described,
  } as const;
  return (
    <div className="field">
      <label className={labelHidden ? 'visually-hidden' : 'field-label'} htmlFor={id}>
        {label}
      </label>
      {props.multiline === true ? (
        <textarea {...withoutOurs(props)} {...shared} />
      ) : (
        <input type="text" autoComplete="off" {...withoutOurs(props)} {...shared} />
      )}
      {hint !== undefined && (
        <p className="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p className="field-error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

function withoutOurs<T extends Common & { multiline?: boolean | undefined }>(props: T) {
  const { label: _label, hint: _hint, error: _error, labelHidden: _hidden, multiline: _multiline, ...rest } = props;
  return rest;
}
