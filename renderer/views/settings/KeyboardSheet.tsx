/** The keys, as a page of the settings and as a dialog. */
import { isMac, keySheet } from '../../app/keyboard.ts';
import { Dialog } from '../../components/Dialog.tsx';
import { closeDialog } from '../../state/ui.ts';
import { text } from '../../text/index.ts';

export function KeyboardSheet() {
  return (
    <dl className="keys">
      {keySheet(isMac()).flatMap(({ what, keys }) => [
        <dt key={`${what} name`}>{what}</dt>,
        <dd key={what}>
          <kbd>{keys}</kbd>
        </dd>,
      ])}
    </dl>
  );
}

export function ShortcutsDialog() {
  return (
    <Dialog title={text.shortcuts.title} lead={text.shortcuts.lead} onClose={closeDialog}>
      <KeyboardSheet />
    </Dialog>
  );
}
