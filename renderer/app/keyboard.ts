/** The keys of the window. A map from key to action, and what the sheet of keys shows; pure but for the hook's end. */
import { text } from '../text/index.ts';

export type KeyAction =
  | 'newGroup'
  | 'openInvite'
  | 'nextGroup'
  | 'previousGroup'
  | 'votes'
  | 'members'
  | 'settings'
  | 'shortcuts'
  | 'focusComposer'
  | 'searchHere'
  | 'searchEverywhere';

interface Binding {
  readonly action: KeyAction;
  /** As `event.key` is, lower case. */
  readonly key: string;
  readonly control?: true;
  readonly shift?: true;
  readonly alt?: true;
}

export const bindings: readonly Binding[] = [
  { action: 'newGroup', key: 'n', control: true },
  { action: 'openInvite', key: 'o', control: true },
  { action: 'nextGroup', key: 'arrowdown', alt: true },
  { action: 'previousGroup', key: 'arrowup', alt: true },
  { action: 'votes', key: 'v', control: true, shift: true },
  { action: 'members', key: 'm', control: true, shift: true },
  { action: 'focusComposer', key: 'e', control: true },
  { action: 'searchHere', key: 'f', control: true },
  { action: 'searchEverywhere', key: 'f', control: true, shift: true },
  { action: 'settings', key: ',', control: true },
  { action: 'shortcuts', key: '/', control: true },
];

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

/** What a key asks for. Ctrl is Cmd on macOS. */
export function actionOf(event: Pressed, mac: boolean): KeyAction | undefined {
  const control = mac ? event.metaKey : event.ctrlKey;
  const other = mac ? event.ctrlKey : event.metaKey;
  if (other) return undefined;
  const key = event.key.toLowerCase();
  return bindings.find(
    (binding) =>
      binding.key === key &&
      (binding.control ?? false) === control &&
      (binding.alt ?? false) === event.altKey &&
      // Some keyboards need Shift to reach a sign such as "/".
      ((binding.shift ?? false) === event.shiftKey || (!/^[a-z]/u.test(key) && binding.shift === undefined)),
  )?.action;
}

const names: Readonly<Record<string, string>> = { arrowdown: '↓', arrowup: '↑' };

/** How a binding is written for people. */
export function keyName(binding: Binding, mac: boolean): string {
  const parts = [
    ...(binding.control === true ? [mac ? '⌘' : 'Ctrl'] : []),
    ...(binding.alt === true ? [mac ? '⌥' : 'Alt'] : []),
    ...(binding.shift === true ? [mac ? '⇧' : 'Shift'] : []),
    names[binding.key] ?? binding.key.toUpperCase(),
  ];
  return parts.join(mac ? '' : '+');
}

export const isMac = (): boolean => navigator.userAgent.includes('Macintosh');

/** Everything on the sheet: the bindings, and the keys that lists and the message box know themselves. */
export function keySheet(mac: boolean): readonly { readonly what: string; readonly keys: string }[] {
  const words = text.shortcuts;
  return [
    ...bindings.map((binding) => ({ what: words[binding.action], keys: keyName(binding, mac) })),
    { what: words.send, keys: 'Enter' },
    { what: words.mention, keys: '@' },
    { what: words.newLine, keys: mac ? '⇧Enter' : 'Shift+Enter' },
    { what: words.moveMessages, keys: '↑ ↓ Home End' },
    { what: words.replyMessage, keys: 'R' },
    { what: words.copyMessage, keys: mac ? '⌘C' : 'Ctrl+C' },
    { what: words.close, keys: 'Esc' },
  ];
}
