/** Short notes in a corner. They never hold anything that is not also elsewhere. */
import { X } from 'lucide-react';
import { Toast as Primitive } from 'radix-ui';
import { dismissToast, showDialog, useUi } from '../state/ui.ts';
import { text } from '../text/index.ts';
import { Button, IconButton } from './Button.tsx';

/** How long a note stays, and one that offers something to do, in ms. */
const SHORT_MS = 6_000;
const LONG_MS = 20_000;

export function Toasts() {
  const toasts = useUi((state) => state.toasts);
  return (
    <Primitive.Provider label={text.common.notifications} swipeDirection="right">
      {toasts.map((note) => {
        const { action } = note;
        return (
          <Primitive.Root
            key={note.id}
            className={`toast toast-${note.level}`}
            duration={action === undefined && note.level !== 'error' ? SHORT_MS : LONG_MS}
            onOpenChange={(open) => !open && dismissToast(note.id)}
          >
            <div className="toast-body">
              <Primitive.Description>{note.text}</Primitive.Description>
              {action !== undefined && (
                <Primitive.Action asChild altText={action.label}>
                  <Button kind="link" onClick={() => showDialog(action.dialog)}>
                    {action.label}
                  </Button>
                </Primitive.Action>
              )}
            </div>
            <Primitive.Close asChild>
              <IconButton small label={text.common.dismiss}>
                <X size={16} aria-hidden />
              </IconButton>
            </Primitive.Close>
          </Primitive.Root>
        );
      })}
      <Primitive.Viewport className="toasts" label={`${text.common.notifications} ({hotkey})`} />
    </Primitive.Provider>
  );
}
