/** Carries out what the window's keys ask for. */
import { useEffect } from 'react';
import { useConversations } from '../state/conversations.ts';
import { valueOf } from '../state/remote.ts';
import { wantSearch } from '../state/search.ts';
import { navigate, openGroup, showDialog, showPanel, useUi } from '../state/ui.ts';
import { actionOf, isMac, type KeyAction } from './keyboard.ts';

function step(by: 1 | -1): void {
  const list = valueOf(useConversations.getState().list) ?? [];
  if (list.length === 0) return;
  const { route } = useUi.getState();
  const index = route.screen === 'group' ? list.findIndex((summary) => summary.id === route.conversationId) : -1;
  const next = index < 0 ? (by === 1 ? 0 : list.length - 1) : (index + by + list.length) % list.length;
  const summary = list[next];
  if (summary !== undefined) openGroup(summary.id);
}

function perform(action: KeyAction): void {
  switch (action) {
    case 'newGroup': {
      showDialog({ kind: 'newGroup' });
      return;
    }
    case 'openInvite': {
      showDialog({ kind: 'openInvite', invite: '' });
      return;
    }
    case 'nextGroup': {
      step(1);
      return;
    }
    case 'previousGroup': {
      step(-1);
      return;
    }
    case 'votes':
    case 'members':
      if (useUi.getState().route.screen === 'group') showPanel(action);
      return;
    case 'settings': {
      navigate({ screen: 'settings', tab: 'profile' });
      return;
    }
    case 'shortcuts': {
      showDialog({ kind: 'shortcuts' });
      return;
    }
    case 'searchHere': {
      const { route } = useUi.getState();
      wantSearch(route.screen === 'group' ? route.conversationId : undefined);
      return;
    }
    case 'searchEverywhere': {
      wantSearch(undefined);
      return;
    }
    case 'focusComposer':
      return document.querySelector<HTMLElement>('[data-composer]')?.focus();
  }
}

export function useKeyboard(): void {
  useEffect(() => {
    const mac = isMac();
    const onKeyDown = (event: KeyboardEvent): void => {
      const action = actionOf(event, mac);
      // A dialog is answered or closed first.
      if (action === undefined || useUi.getState().dialog !== undefined) return;
      event.preventDefault();
      perform(action);
    };
    // Before the focused control sees it: Alt+Down would open a menu.
    window.addEventListener('keydown', onKeyDown, true);
    return () => window.removeEventListener('keydown', onKeyDown, true);
  }, []);
}
