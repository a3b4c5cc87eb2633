/** A line that opens to more. */
import type { ReactNode } from 'react';
import { ChevronRight } from 'lucide-react';
import { Collapsible } from 'radix-ui';

export function Disclosure({ label, children }: { label: ReactNode; children: ReactNode }) {
  return (
    <Collapsible.Root>
      <Collapsible.Trigger className="disclosure">
        <ChevronRight size={16} aria-hidden />
        {label}
      </Collapsible.Trigger>
      <Collapsible.Content>{children}</Collapsible.Content>
    </Collapsible.Root>
  );
}
