/** Buttons with words and buttons with a picture; a picture always has a name, shown as a tooltip too. */
import type { ComponentProps, ReactNode } from 'react';
import { Tooltip } from './Tooltip.tsx';

type Kind = 'plain' | 'primary' | 'quiet' | 'danger' | 'danger-strong' | 'link';

export function Button({ kind = 'plain', className = '', ...rest }: ComponentProps<'button'> & { kind?: Kind }) {
  return <button type="button" className={`button button-${kind} ${className}`} {...rest} />;
}

export function IconButton({
  label,
  small = false,
  children,
  ...rest
}: Omit<ComponentProps<'button'>, 'aria-label'> & { label: string; small?: boolean; children: ReactNode }) {
  return (
    <Tooltip words={label}>
      <button type="button" aria-label={label} className={`icon-button ${small ? 'icon-button-small' : ''}`} {...rest}>
        {children}
      </button>
    </Tooltip>
  );
}
