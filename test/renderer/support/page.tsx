/** Renders the whole page over a fake bridge in jsdom, with fresh stores, and what jsdom lacks. */
import { act, cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { VirtuosoMockContext } from 'react-virtuoso';
import { afterEach, beforeEach, vi } from 'vitest';
import { App } from '../../../renderer/app/App.tsx';
import { useConversations } from '../../../renderer/state/conversations.ts';
import { forgetDraft, useDrafts } from '../../../renderer/state/drafts.ts';
import { useIdentity } from '../../../renderer/state/identity.ts';
import { useMessages } from '../../../renderer/state/messages.ts';
import { usePeers } from '../../../renderer/state/peers.ts';
import { useSettings } from '../../../renderer/state/settings.ts';
import { useUi } from '../../../renderer/state/ui.ts';
import { createFakeBridge, type FakeBridge, type FakeHandlers } from './fakeBridge.ts';
import { group } from './samples.ts';
import { worldHandlers } from './world.ts';

/** jsdom lays nothing out, so there is no size to tell of. */
class NoResizeObserver implements ResizeObserver {
  readonly observe = (): void => {};
  readonly unobserve = (): void => {};
  readonly disconnect = (): void => {};
}

/** Call once at the top of a test file. */
export function preparePage(): void {
  beforeEach(() => {
    vi.stubGlobal('ResizeObserver', NoResizeObserver);
    Element.prototype.scrollIntoView = () => {};
    Element.prototype.scrollTo = () => {};
    Element.prototype.scrollBy = () => {};
    Element.prototype.hasPointerCapture = () => false;
    document.hasFocus = () => true;
    useConversations.setState(useConversations.getInitialState(), true);
    useDrafts.setState(useDrafts.getInitialState(), true);
    useIdentity.setState(useIdentity.getInitialState(), true);
    useMessages.setState(useMessages.getInitialState(), true);
    usePeers.setState(usePeers.getInitialState(), true);
    useSettings.setState(useSettings.getInitialState(), true);
    useUi.setState(useUi.getInitialState(), true);
  });
  afterEach(() => {
    cleanup();
    forgetDraft(group);
    Reflect.deleteProperty(window, 'conclave');
    vi.unstubAllGlobals();
  });
}

export interface Page {
  readonly bridge: FakeBridge;
  readonly user: ReturnType<typeof userEvent.setup>;
  /** Sends an event and lets the page answer it. */
  emit(event: Parameters<FakeBridge['emit']>[0]): Promise<void>;
}

/** Opens the page; `more` overrides what the node answers. */
export function openPage(more: FakeHandlers = {}): Page {
  const bridge = createFakeBridge(worldHandlers(more));
  Object.defineProperty(window, 'conclave', { value: bridge, configurable: true });
  const user = userEvent.setup();
  render(
    <VirtuosoMockContext.Provider value={{ viewportHeight: 800, itemHeight: 60 }}>
      <App />
    </VirtuosoMockContext.Provider>,
  );
  return {
    bridge,
    user,
    emit: (event) =>
      act(async () => {
        bridge.emit(event);
        await Promise.resolve();
      }),
  };
}

/** Opens the page and the group of the samples in it. */
export async function openGroupPage(more: FakeHandlers = {}): Promise<Page> {
  const page = openPage(more);
  await page.user.click(await screen.findByRole('button', { name: /^Garden/u }));
  return page;
}

/** A promise that never ends: for looking at what is shown while something loads. */
export const never = <T,>(): Promise<T> => new Promise<T>(() => {});
