/** One of several, each with a name and, where it helps, a sentence; and a switch with its explanation. */
import { useId } from 'react';
import { RadioGroup, Switch } from 'radix-ui';

export interface Choice<T extends string> {
  readonly value: T;
  readonly name: string;
  readonly text?: string;
}

export function Choices<T extends string>(props: {
  label: string;
  labelHidden?: boolean;
  choices: readonly Choice<T>[];
  /** Undefined when none of them fits what is set. */
  value: T | undefined;
  onChange: (value: T) => void;
  row?: boolean;
}) {
  const id = useId();
  return (
    <div className="field">
      <span id={id} className={props.labelHidden === true ? 'visually-hidden' : 'field-label'}>
        {props.label}
      </span>
      <RadioGroup.Root
        className={`choices ${props.row === true ? 'choices-row' : ''}`}
        aria-labelledby={id}
        value={props.value ?? ''}
        onValueChange={(value) => {
          const chosen = props.choices.find((choice) => choice.value === value);
          if (chosen !== undefined) props.onChange(chosen.value);
        }}
      >
        {props.choices.map((choice) => (
          <RadioGroup.Item
            key={choice.value}
            value={choice.value}
            className="choice"
            aria-label={choice.name}
            aria-describedby={choice.text === undefined ? undefined : `${id}-${choice.value}`}
          >
            <span className="choice-name">{choice.name}</span>
            {choice.text !== undefined && (
              <span className="choice-text" id={`${id}-${choice.value}`}>
                {choice.text}
              </span>
            )}
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
    </div>
  );
}

export function SwitchRow(props: {
  label: string;
  hint?: string;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}) {
  const id = useId();
  return (
    <div className="switch-row">
      <div className="grow">
        <label className="field-label" htmlFor={id}>
          {props.label}
        </label>
        {props.hint !== undefined && (
          <p className="field-hint" id={`${id}-hint`}>
            {props.hint}
          </p>
        )}
      </div>
      <Switch.Root
        id={id}
        className="switch"
        checked={props.checked}
        disabled={props.disabled === true}
        aria-describedby={props.hint === undefined ? undefined : `${id}-hint`}
        onCheckedChange={props.onChange}
      >
        <Switch.Thumb className="switch-thumb" />
      </Switch.Root>
    </div>
  );
}
