/** The frame of the window once there is an identity. */
import { useEffect, useRef } from 'react';
import { Button } from '../components/Button.tsx';
import { ErrorBoundary } from '../components/ErrorBoundary.tsx';
import { useConversations } from '../state/conversations.ts';
import { useIdentity } from '../state/identity.ts';
import { valueOf } from '../state/remote.ts';
import { useSettings } from '../state/settings.ts';
import { navigate, useUi, type Route } from '../state/ui.ts';
import { text } from '../text/index.ts';
import { GroupView } from '../views/group/GroupView.tsx';
import { Sidebar } from '../views/groups/Sidebar.tsx';
import { Start } from '../views/groups/Start.tsx';
import { SettingsView } from '../views/settings/SettingsView.tsx';
import { Dialogs } from './Dialogs.tsx';
import { useKeyboard } from './useKeyboard.ts';

export function Shell() {
  const route = useUi((state) => state.route);
  useKeyboard();
  useFocusOnRoute(route);
  useTitle(route);
  return (
    <>
      <a className="skip-link" href="#main">
        {text.common.skipToConversation}
      </a>
      <div className="shell">
        <Sidebar />
        <main className="main" id="main" tabIndex={-1}>
          <Reminder />
          <div className="view">
            <ErrorBoundary key={routeKey(route)}>
              <View route={route} />
            </ErrorBoundary>
          </div>
        </main>
      </div>
      <Dialogs />
    </>
  );
}

const routeKey = (route: Route): string => (route.screen === 'group' ? route.conversationId : route.screen);

function View({ route }: { route: Route }) {
  switch (route.screen) {
    case 'start':
      return <Start />;
    case 'group':
      return <GroupView key={route.conversationId} conversationId={route.conversationId} />;
    case 'settings':
      return <SettingsView tab={route.tab} />;
  }
}

/** The window is named after what it shows. */
function useTitle(route: Route): void {
  const name = useConversations((state) =>
    route.screen === 'group'
      ? (valueOf(state.list) ?? []).find((summary) => summary.id === route.conversationId)?.name
      : undefined,
  );
  const shown = route.screen === 'settings' ? text.settings.title : name;
  useEffect(() => {
    document.title = shown === undefined ? text.common.appName : `${shown} – ${text.common.appName}`;
  }, [shown]);
}

/** Going to settings or back moves focus along, unless the person is still choosing in the list of groups. */
function useFocusOnRoute(route: Route): void {
  const key = routeKey(route);
  const before = useRef(key);
  useEffect(() => {
    if (before.current === key) return;
    before.current = key;
    if (document.activeElement === document.body || key === 'settings')
      document.querySelector<HTMLElement>('[data-view-heading]')?.focus();
  }, [key]);
}

/** The recovery phrase is offered, not demanded: quiet, and there until it was saved. */
function Reminder() {
  const status = useIdentity((state) => valueOf(state.status));
  const settings = useSettings((state) => valueOf(state.settings));
  const route = useUi((state) => state.route);
  if (settings === undefined || settings.recoveryPhraseSaved || status?.hasRecoveryPhrase === false) return null;
  if (route.screen === 'settings' && route.tab === 'recovery') return null;
  return (
    <aside className="banner small" aria-label={text.settings.tabs.recovery}>
      <span className="grow">{text.groups.reminder.text}</span>
      <Button kind="link" onClick={() => navigate({ screen: 'settings', tab: 'recovery' })}>
        {text.groups.reminder.action}
      </Button>
    </aside>
  );
}
