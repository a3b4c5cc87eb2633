/** Theme, notifications, and who may see and reach this device. */
import type { Settings } from '../../../shared/api/settings.ts';
import { Choices, SwitchRow } from '../../components/Choices.tsx';
import { Failed, Loading } from '../../components/States.tsx';
import { useWork } from '../../components/useWork.ts';
import { changeSettings, loadSettings, useSettings } from '../../state/settings.ts';
import { text } from '../../text/index.ts';

const words = text.settings;

function WithSettings({
  children,
}: {
  children: (settings: Settings, change: (patch: Partial<Settings>) => void) => React.ReactNode;
}) {
  const settings = useSettings((state) => state.settings);
  const { error, run } = useWork();
  switch (settings.kind) {
    case 'loading':
    case 'empty':
      return <Loading />;
    case 'failed':
      return (
        <Failed title={text.errors.headings.settings} message={settings.message} onRetry={() => void loadSettings()} />
      );
    case 'ready':
      return (
        <>
          {children(settings.value, (patch) => run(() => changeSettings(patch)))}
          {error !== undefined && (
            <p className="field-error" role="alert">
              {error}
            </p>
          )}
        </>
      );
  }
}

const themes: readonly Settings['theme'][] = ['system', 'light', 'dark'];

export function Appearance() {
  return (
    <WithSettings>
      {(settings, change) => (
        <Choices
          label={words.theme}
          row
          value={settings.theme}
          onChange={(theme) => change({ theme })}
          choices={themes.map((value) => ({ value, name: words.themes[value] }))}
        />
      )}
    </WithSettings>
  );
}

export function Notifications() {
  return (
    <WithSettings>
      {(settings, change) => (
        <>
          <SwitchRow
            label={words.notifications}
            hint={words.notificationsHint}
            checked={settings.notifications}
            onChange={(notifications) => change({ notifications })}
          />
          <SwitchRow
            label={words.notificationText}
            hint={words.notificationTextHint}
            checked={settings.notificationText}
            onChange={(notificationText) => change({ notificationText })}
          />
        </>
      )}
    </WithSettings>
  );
}

export function Privacy() {
  return (
    <WithSettings>
      {(settings, change) => (
        <>
          <SwitchRow
            label={words.visibleNearby}
            hint={words.visibleNearbyHint}
            checked={settings.visibleNearby}
            onChange={(visibleNearby) => change({ visibleNearby })}
          />
          <SwitchRow
            label={words.allowPublic}
            hint={words.allowPublicHint}
            checked={settings.allowPublicAddresses}
            onChange={(allowPublicAddresses) => change({ allowPublicAddresses })}
          />
        </>
      )}
    </WithSettings>
  );
}
