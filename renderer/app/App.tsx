/** What the window shows first: loading, a problem with the profile, first run, or the shell. */
import { useEffect } from 'react';
import { Tooltip } from 'radix-ui';
import { Announcer } from '../components/Announcer.tsx';
import { Failed, Loading } from '../components/States.tsx';
import { Toasts } from '../components/Toasts.tsx';
import { startStores } from '../state/events.ts';
import { retryIdentity, useIdentity } from '../state/identity.ts';
import { text } from '../text/index.ts';
import { Onboarding } from '../views/onboarding/Onboarding.tsx';
import { Problem } from '../views/onboarding/Problem.tsx';
import { Shell } from './Shell.tsx';

export function App() {
  useEffect(() => startStores(), []);
  return (
    <Tooltip.Provider delayDuration={400} skipDelayDuration={200}>
      <Gate />
      <Announcer />
      <Toasts />
    </Tooltip.Provider>
  );
}

function Gate() {
  const status = useIdentity((state) => state.status);
  switch (status.kind) {
    case 'loading':
    case 'empty':
      return (
        <main className="onboarding">
          <Loading />
        </main>
      );
    case 'failed':
      return (
        <main className="onboarding">
          <Failed title={text.errors.headings.start} message={status.message} onRetry={() => void retryIdentity()} />
        </main>
      );
    case 'ready': {
      const { value } = status;
      if (value.problem !== undefined) return <Problem problem={value.problem} />;
      return value.exists ? <Shell /> : <Onboarding status={value} />;
    }
  }
}
