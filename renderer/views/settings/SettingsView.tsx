/** Settings: oneself, looks, privacy, the recovery phrase, the network, the keyboard. */
import { Tabs } from 'radix-ui';
import { navigate, type SettingsTab } from '../../state/ui.ts';
import { text } from '../../text/index.ts';
import { About } from './About.tsx';
import { Appearance, Notifications, Privacy } from './Preferences.tsx';
import { KeyboardSheet } from './KeyboardSheet.tsx';
import { NetworkPage } from './NetworkPage.tsx';
import { Profile } from './Profile.tsx';
import { Recovery } from './Recovery.tsx';

const words = text.settings;
const pages: readonly { readonly tab: SettingsTab; readonly Page: () => React.JSX.Element }[] = [
  { tab: 'profile', Page: Profile },
  { tab: 'appearance', Page: Appearance },
  { tab: 'notifications', Page: Notifications },
  { tab: 'privacy', Page: Privacy },
  { tab: 'recovery', Page: Recovery },
  { tab: 'network', Page: NetworkPage },
  { tab: 'keyboard', Page: KeyboardSheet },
  { tab: 'about', Page: About },
];

export function SettingsView({ tab }: { tab: SettingsTab }) {
  return (
    <div className="page">
      <Tabs.Root
        className="settings"
        orientation="vertical"
        value={tab}
        onValueChange={(value) => {
          const page = pages.find((each) => each.tab === value);
          if (page !== undefined) navigate({ screen: 'settings', tab: page.tab });
        }}
      >
        <h1 tabIndex={-1} data-view-heading>
          {words.title}
        </h1>
        <Tabs.List className="settings-tabs" aria-label={words.sections}>
          {pages.map((page) => (
            <Tabs.Trigger key={page.tab} value={page.tab} className="tab">
              {words.tabs[page.tab]}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        {pages.map(({ tab: value, Page }) => (
          <Tabs.Content key={value} value={value} className="settings-body stack-wide">
            <h2>{words.tabs[value]}</h2>
            <Page />
          </Tabs.Content>
        ))}
      </Tabs.Root>
    </div>
  );
}
