/**
 * What the window shows: where the person is, which dialog is open, short notes. Nothing of it is written to disk.
 */
import { create } from 'zustand';
import type { Peer } from '../../shared/api/model.ts';
import type { ConversationId, MemberId } from '../../shared/model/ids.ts';

export type Panel = 'members' | 'votes' | 'rules';
export type SettingsTab =
  'profile' | 'appearance' | 'notifications' | 'privacy' | 'recovery' | 'network' | 'keyboard' | 'about';

export type Route =
  | { readonly screen: 'start' }
  | { readonly screen: 'group'; readonly conversationId: ConversationId }
  | { readonly screen: 'settings'; readonly tab: SettingsTab };

export type OpenDialog =
  | { readonly kind: 'newGroup' }
  | { readonly kind: 'openInvite'; readonly invite: string }
  | { readonly kind: 'invite'; readonly conversationId: ConversationId }
  | { readonly kind: 'shortcuts' }
  | { readonly kind: 'removeMember'; readonly conversationId: ConversationId; readonly memberId: MemberId }
  | { readonly kind: 'verify'; readonly conversationId: ConversationId; readonly memberId: MemberId }
  | { readonly kind: 'leave'; readonly conversationId: ConversationId }
  | { readonly kind: 'cancelJoin'; readonly conversationId: ConversationId }
  | { readonly kind: 'deleteHistory'; readonly conversationId: ConversationId }
  | { readonly kind: 'resetInvite'; readonly conversationId: ConversationId };

export interface Toast {
  readonly id: number;
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
  readonly action?: { readonly label: string; readonly dialog: OpenDialog };
}

export interface ReceivedInvite {
  readonly from: Peer;
  readonly conversationName: string;
  readonly invite: string;
}

export interface UiState {
  readonly route: Route;
  /** The side panel of the group view; undefined when closed. */
  readonly panel: Panel | undefined;
  readonly dialog: OpenDialog | undefined;
  readonly toasts: readonly Toast[];
  readonly received: readonly ReceivedInvite[];
  /** Read out by screen readers when it changes. */
  readonly announcement: string;
}

/** Notes on the screen at a time; older ones go. */
const MAX_TOASTS = 3;
/** Offered invites that are kept; older ones go. */
const MAX_RECEIVED = 10;

export const useUi = create<UiState>()(() => ({
  route: { screen: 'start' },
  panel: undefined,
  dialog: undefined,
  toasts: [],
  received: [],
  announcement: '',
}));

const set = useUi.setState;

export const navigate = (route: Route): void => set({ route });

export function openGroup(conversationId: ConversationId): void {
  navigate({ screen: 'group', conversationId });
}

export const showDialog = (dialog: OpenDialog): void => set({ dialog });
export const closeDialog = (): void => set({ dialog: undefined });
export const showPanel = (panel: Panel | undefined): void => set({ panel });
export const announce = (announcement: string): void => set({ announcement });

let nextToast = 1;
export function toast(level: Toast['level'], words: string, action?: Toast['action']): void {
  const id = nextToast++;
  const note: Toast = { id, level, text: words, ...(action === undefined ? {} : { action }) };
  set((state) => ({
    toasts: [...state.toasts.filter((other) => other.text !== words), note].slice(-MAX_TOASTS),
  }));
}
export const dismissToast = (id: number): void =>
  set((state) => ({ toasts: state.toasts.filter((note) => note.id !== id) }));

export function receiveInvite(invite: ReceivedInvite): void {
  set((state) => ({
    received: [invite, ...state.received.filter((other) => other.invite !== invite.invite)].slice(0, MAX_RECEIVED),
  }));
}
export const forgetInvite = (invite: string): void =>
  set((state) => ({ received: state.received.filter((other) => other.invite !== invite) }));
