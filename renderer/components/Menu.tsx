/**
 * A menu behind a button, and one behind the right mouse button. What an item does happens after the menu has closed
 * and focus is back, so that a dialog opened from it returns focus to the button.
 */
import { useRef, type ReactElement, type ReactNode } from 'react';
import { ContextMenu as Context, DropdownMenu as Dropdown } from 'radix-ui';

export interface MenuItem {
  readonly label: string;
  readonly icon?: ReactNode;
  readonly danger?: boolean;
  readonly run: () => void;
}

const itemClass = (item: MenuItem): string => `menu-item ${item.danger === true ? 'menu-item-danger' : ''}`;

export function Menu({ items, children }: { items: readonly MenuItem[]; children: ReactElement }) {
  const chosen = useRef<MenuItem | undefined>(undefined);
  return (
    <Dropdown.Root modal={false}>
      <Dropdown.Trigger asChild>{children}</Dropdown.Trigger>
      <Dropdown.Portal>
        <Dropdown.Content
          className="menu"
          align="end"
          sideOffset={4}
          collisionPadding={8}
          onCloseAutoFocus={() => {
            const item = chosen.current;
            chosen.current = undefined;
            if (item !== undefined) setTimeout(item.run, 0);
          }}
        >
          {items.map((item) => (
            <Dropdown.Item
              key={item.label}
              className={itemClass(item)}
              onSelect={() => {
                chosen.current = item;
              }}
            >
              {item.icon}
              {item.label}
            </Dropdown.Item>
          ))}
        </Dropdown.Content>
      </Dropdown.Portal>
    </Dropdown.Root>
  );
}

export function RightClickMenu({ items, children }: { items: readonly MenuItem[]; children: ReactElement }) {
  return (
    <Context.Root modal={false}>
      <Context.Trigger asChild>{children}</Context.Trigger>
      <Context.Portal>
        <Context.Content className="menu" collisionPadding={8}>
          {items.map((item) => (
            <Context.Item key={item.label} className={itemClass(item)} onSelect={item.run}>
              {item.icon}
              {item.label}
            </Context.Item>
          ))}
        </Context.Content>
      </Context.Portal>
    </Context.Root>
  );
}
