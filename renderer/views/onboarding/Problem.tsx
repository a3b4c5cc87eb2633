/** The profile cannot be opened: what it is, that the data is kept, and the way on. */
import { Button } from '../../components/Button.tsx';
import { CopyLine } from '../../components/Copy.tsx';
import { useWork } from '../../components/useWork.ts';
import { call } from '../../state/call.ts';
import { enter } from '../../state/events.ts';
import { loadIdentity, type IdentityStatus } from '../../state/identity.ts';
import { text } from '../../text/index.ts';
import { fullTime } from '../../text/time.ts';
import { Mark } from './Mark.tsx';
import { Restore } from './Restore.tsx';

const words = text.onboarding.problems;

type Shown = NonNullable<IdentityStatus['problem']>;

export function Problem({ problem }: { problem: Shown }) {
  const { title, lead, way } = words.causes[problem.cause];
  return (
    <main className="onboarding">
      <div className="onboarding-card" role="alert">
        <Mark />
        <div className="stack">
          <h1>{title}</h1>
          <p>{lead}</p>
          <p>{problem.copy === undefined ? way : words.copyLost(fullTime(problem.copy.takenAt))}</p>
        </div>
        <WayOn problem={problem} />
        <div className="stack">
          <h2 className="small soft">{words.detail}</h2>
          <p className="copy-line">{problem.message}</p>
          <h2 className="small soft">{words.directory}</h2>
          <CopyLine value={problem.directory} label={words.copyDirectory} />
        </div>
      </div>
    </main>
  );
}

/** What a person can do about it here. */
function WayOn({ problem }: { problem: Shown }) {
  switch (problem.cause) {
    case 'damaged':
      return problem.copy === undefined ? <Quit /> : <RestoreCopy takenAt={problem.copy.takenAt} />;
    case 'newerVersion':
      return <Quit />;
    case 'otherKey':
    case 'unreadable':
      return <Restore needed onBack={undefined} />;
    case 'keychainUnreadable':
      return (
        <>
          <TryAgain />
          <Restore needed onBack={undefined} />
        </>
      );
    case 'keychainUnavailable':
    case 'keychainLocked':
    case 'full':
    case 'inUse':
    case 'other':
      return <TryAgain />;
  }
}

function TryAgain() {
  const { busy, run } = useWork();
  return (
    <Button kind="primary" disabled={busy} onClick={() => run(loadIdentity)}>
      {text.common.retry}
    </Button>
  );
}

function Quit() {
  const { busy, run } = useWork();
  return (
    <Button
      disabled={busy}
      onClick={() =>
        run(async () => {
          await call('app.shutdown', {});
        })
      }
    >
      {words.quit}
    </Button>
  );
}

function RestoreCopy({ takenAt }: { takenAt: number }) {
  const { busy, error, run } = useWork();
  const restore = (): void =>
    run(async () => {
      await call('identity.restoreCopy', {});
      await enter();
    });
  return (
    <div className="stack">
      <Button kind="primary" className="button-wide" disabled={busy} onClick={restore}>
        {busy ? words.restoringCopy : words.restoreCopy(fullTime(takenAt))}
      </Button>
      {error !== undefined && <p role="alert">{error}</p>}
      <Quit />
    </div>
  );
}
