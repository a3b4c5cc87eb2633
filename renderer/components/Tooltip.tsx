/** A short explanation that appears on hover and focus; what it says must also be reachable without it. */
import type { ReactElement, ReactNode } from 'react';
import { Tooltip as Primitive } from 'radix-ui';

export function Tooltip({ words, children }: { words: ReactNode; children: ReactElement }) {
  return (
    <Primitive.Root>
      <Primitive.Trigger
        asChild
        // Focus that comes back from a menu or a dialog to somebody with a mouse opens nothing over what they read.
        onFocus={(event) => {
          if (!event.currentTarget.matches(':focus-visible')) event.preventDefault();
        }}
      >
        {children}
      </Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content className="tooltip" sideOffset={6} collisionPadding={8}>
          {words}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
