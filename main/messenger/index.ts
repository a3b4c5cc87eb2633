/**
 * The messenger: opens the profile and answers every method of the App API. Built from what is handed in; it names no
 * library of storage, network or keychain.
 */
import { ApiError } from '../../shared/api/errors.ts';
import type { ProblemCause } from '../../shared/api/model.ts';
import { CONNECT_RETRY_MS } from '../../shared/limits.ts';
import type { Handlers, Messenger } from './contract.ts';
import type { UseCaseContext } from './context.ts';
import { conversationHandlers } from './conversations.ts';
import { decisionHandlers } from './decisions.ts';
import { diagnosticsHandlers } from './diagnostics.ts';
import { draftHandlers } from './drafts.ts';
import { governanceHandlers } from './governance.ts';
import { identityHandlers, type ProfileHolder } from './identity.ts';
import { inviteHandlers } from './invites.ts';
import { messageHandlers } from './messages.ts';
import type { RootSecret } from './ports/keychain.ts';
import { verificationHandlers } from './verification.ts';
import { peerHandlers } from './peers.ts';
import { problemState } from './problems.ts';
import { openProfileSession, type MessengerDependencies, type ProfileState } from './profileState.ts';
import type { Session } from './session.ts';

export type { MessengerDependencies } from './profileState.ts';

export interface RunningMessenger {
  readonly messenger: Messenger;
  /** The machine slept: looks for everybody at once instead of by and by. */
  wake(): void;
  /** Ends every conversation's work, the network and the store. */
  close(): Promise<void>;
}

/** What may be over when somebody looks again. */
const PASSING: ReadonlySet<ProblemCause> = new Set([
  'keychainUnavailable',
  'keychainLocked',
  'keychainUnreadable',
  'full',
  'inUse',
  'other',
]);

/** Opens what is there. Rejects only for what no person could mend from inside the app, such as an address in use. */
export async function startMessenger(
  dependencies: MessengerDependencies,
  onShutdown: () => void,
): Promise<RunningMessenger> {
  let state: ProfileState = await openExisting(dependencies);
  let queue: Promise<unknown> = Promise.resolve();

  const holder: ProfileHolder = {
    state: () => state,
    exclusively(work) {
      const result = queue.then(work);
      // The next change waits for this one, however it ends; its error belongs to its own caller.
      queue = result.catch((error: unknown) => {
        dependencies.logger.debug({ error }, 'a change of identity failed');
      });
      return result;
    },
    reopen: () =>
      holder.exclusively(async () => {
        if (state.kind !== 'problem' || !PASSING.has(state.cause)) return;
        const reopened = await openExisting(dependencies);
        state = reopened;
        if (reopened.kind === 'open') connectAll(dependencies, reopened.session);
      }),
    opened(session, secret) {
      state = { kind: 'open', session, secret };
      connectAll(dependencies, session);
    },
    failed(problem) {
      state = problem;
    },
    session() {
      if (state.kind === 'open') return state.session;
      if (state.kind === 'problem') throw new ApiError(state.code, state.message);
      throw new ApiError('NO_IDENTITY', 'Create or restore an identity first.');
    },
  };
  if (state.kind === 'open') connectAll(dependencies, state.session);

  const context: UseCaseContext = { clock: dependencies.clock, session: () => holder.session() };
  const openedSession = (): Session | undefined => (state.kind === 'open' ? state.session : undefined);
  const appHandlers: Pick<Handlers, 'app.info' | 'app.shutdown'> = {
    'app.info': async () => {
      const session = openedSession();
      return {
        version: dependencies.version,
        ...('electron' in process.versions ? { electron: process.versions.electron } : {}),
        node: process.versions.node,
        profile: dependencies.profileName,
        peerId: session?.network.peerId ?? '',
        listenAddresses: [...(session?.network.listenAddresses() ?? [])],
      };
    },
    'app.shutdown': async () => {
      onShutdown();
      return {};
    },
  };

  return {
    messenger: {
      ...appHandlers,
      ...identityHandlers(dependencies, holder),
      ...conversationHandlers(context),
      ...inviteHandlers(context),
      ...governanceHandlers(context),
      ...decisionHandlers(context),
      ...verificationHandlers(context),
      ...diagnosticsHandlers(context),
      ...messageHandlers(context),
      ...draftHandlers(context),
      ...peerHandlers(context, openedSession),
    },
    wake() {
      openedSession()?.network.wake();
    },
    async close() {
      await queue;
      await openedSession()?.close();
    },
  };
}

/** What the profile is at start-up. A missing secret or a damaged store is a state that the app shows, not a crash. */
async function openExisting(dependencies: MessengerDependencies): Promise<ProfileState> {
  // Without the file but with copies of it, it is lost, and no new profile.
  const stored = dependencies.databaseExists() || dependencies.copies.exist();
  let secret: RootSecret | undefined;
  try {
    secret = await dependencies.keychain.read();
    if (!stored) return { kind: 'none' };
    if (secret === undefined) return { kind: 'needsRestore' };
    return { kind: 'open', session: await openProfileSession(dependencies, secret, undefined), secret };
  } catch (error) {
    const problem = problemState(dependencies.copies, error, secret);
    if (problem.code === 'NETWORK') throw error;
    if (problem.code === 'NO_IDENTITY' || (problem.code === 'KEYCHAIN_UNAVAILABLE' && !stored)) return { kind: 'none' };
    dependencies.logger.error({ error }, 'the profile cannot be opened');
    return problem;
  }
}

/** Dials what the command line named, again and again until it answers once; after that the network keeps it. */
function connectAll(dependencies: MessengerDependencies, session: Session): void {
  const attempt = (address: string): void => {
    session.network.connect(address).catch((error: unknown) => {
      if (session.closed()) return;
      dependencies.logger.warn({ error, address }, 'not connected yet');
      dependencies.clock.setTimeout(() => {
        if (!session.closed()) attempt(address);
      }, CONNECT_RETRY_MS);
    });
  };
  for (const address of dependencies.connect) attempt(address);
}
