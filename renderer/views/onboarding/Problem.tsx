/** The profile cannot be opened: what it is, that the data is kept, and the way on. */
import { Button } from '../../components/Button.tsx';
import { useWork } from '../../components/useWork.ts';
import { loadIdentity, type IdentityStatus } from '../../state/identity.ts';
import { text } from '../../text/index.ts';
import { Mark } from './Mark.tsx';

const words = text.onboarding.problems;

function wordsFor(code: string): { title: string; lead: string; way: string } {
  if (code === 'KEYCHAIN_UNAVAILABLE')
    return { title: words.keychainTitle, lead: words.keychainLead, way: words.keychainWay };
  if (code === 'STORAGE') return { title: words.storageTitle, lead: words.storageLead, way: words.storageWay };
  return { title: words.otherTitle, lead: words.otherLead, way: words.otherWay };
}

export function Problem({ problem }: { problem: NonNullable<IdentityStatus['problem']> }) {
  const { busy, run } = useWork();
  const { title, lead, way } = wordsFor(problem.code);
  return (
    <main className="onboarding">
      <div className="onboarding-card" role="alert">
        <Mark />
        <h1>{title}</h1>
        <p>{lead}</p>
        <p>{way}</p>
        <div className="stack">
          <h2 className="small soft">{words.detail}</h2>
          <p className="copy-line">{problem.message}</p>
        </div>
        <Button kind="primary" disabled={busy} onClick={() => run(loadIdentity)}>
          {text.common.retry}
        </Button>
      </div>
    </main>
  );
}
