/**
 * Dialogs: a plain one and one that asks before something is lost. They are mounted while open. The primitive's own
 * overlay is not used: it injects a style element, which the page's content security policy forbids.
 */
import { useState, type ReactNode } from 'react';
import { X } from 'lucide-react';
import { AlertDialog as Alert, Dialog as Primitive } from 'radix-ui';
import { messageOf } from '../state/call.ts';
import { text } from '../text/index.ts';
import { Button, IconButton } from './Button.tsx';

/** Puts focus on `[data-autofocus]`, or else on the dialog as a whole, when the dialog opens, and back to where it was when it closes. */
function useFocusReturn() {
  const [before] = useState(() => document.activeElement);
  return {
    onOpenAutoFocus: (event: Event): void => {
      if (!(event.currentTarget instanceof HTMLElement)) return;
      event.preventDefault();
      (event.currentTarget.querySelector<HTMLElement>('[data-autofocus]') ?? event.currentTarget).focus();
    },
    onCloseAutoFocus: (event: Event): void => {
      event.preventDefault();
      const back = before instanceof HTMLElement && before.isConnected && before !== document.body ? before : undefined;
      (back ?? document.querySelector<HTMLElement>('[data-composer], [data-view-heading]'))?.focus();
    },
  };
}

export function Dialog(props: { title: string; lead?: ReactNode; onClose: () => void; children: ReactNode }) {
  const focus = useFocusReturn();
  return (
    <Primitive.Root open onOpenChange={(open) => !open && props.onClose()}>
      <Primitive.Portal>
        <div className="dialog-shade">
          <Primitive.Content
            aria-modal
            className="dialog"
            {...focus}
            {...(props.lead === undefined ? { 'aria-describedby': undefined } : {})}
          >
            <div className="dialog-head">
              <Primitive.Title asChild>
                <h2>{props.title}</h2>
              </Primitive.Title>
              <Primitive.Close asChild>
                <IconButton label={text.common.close}>
                  <X size={18} aria-hidden />
                </IconButton>
              </Primitive.Close>
            </div>
            {props.lead !== undefined && <Primitive.Description className="soft">{props.lead}</Primitive.Description>}
            {props.children}
          </Primitive.Content>
        </div>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

/** Asks once; does the work while open, and says why when it fails. */
export function ConfirmDialog(props: {
  title: string;
  body: string;
  confirm: string;
  cancel?: string;
  danger?: boolean;
  onConfirm: () => Promise<void>;
  onClose: () => void;
}) {
  const focus = useFocusReturn();
  const [work, setWork] = useState<{ kind: 'idle' } | { kind: 'busy' } | { kind: 'failed'; message: string }>({
    kind: 'idle',
  });
  const confirm = async (): Promise<void> => {
    setWork({ kind: 'busy' });
    try {
      await props.onConfirm();
      props.onClose();
    } catch (error) {
      setWork({ kind: 'failed', message: messageOf(error) });
    }
  };
  return (
    <Alert.Root open onOpenChange={(open) => !open && props.onClose()}>
      <Alert.Portal>
        <div className="dialog-shade">
          <Alert.Content aria-modal className="dialog dialog-small" {...focus}>
            <Alert.Title asChild>
              <h2>{props.title}</h2>
            </Alert.Title>
            <Alert.Description>{props.body}</Alert.Description>
            {work.kind === 'failed' && (
              <p className="field-error" role="alert">
                {work.message}
              </p>
            )}
            <div className="row-end">
              <Alert.Cancel asChild>
                <Button data-autofocus>{props.cancel ?? text.common.cancel}</Button>
              </Alert.Cancel>
              <Button
                kind={props.danger === true ? 'danger-strong' : 'primary'}
                disabled={work.kind === 'busy'}
                onClick={() => void confirm()}
              >
                {props.confirm}
              </Button>
            </div>
          </Alert.Content>
        </div>
      </Alert.Portal>
    </Alert.Root>
  );
}
