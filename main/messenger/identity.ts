/**
 * Who we are: making an identity, bringing one back, showing its phrase, changing the name.
 */
import { ApiError } from '../../shared/api/errors.ts';
import type { ProblemCause } from '../../shared/api/model.ts';
import type { Result } from '../../shared/api/methods.ts';
import type { Handlers } from './contract.ts';
import type { RootSecret } from './ports/keychain.ts';
import { problemState, type Problem } from './problems.ts';
import { openProfileSession, restoreCopy, type MessengerDependencies, type ProfileState } from './profileState.ts';
import { createRootSecret, recoveryPhraseOf, rootSecretFromPhrase, rootSecretFromPrivateKey } from './rootSecret.ts';
import type { Session } from './session.ts';

type IdentityHandlers = Pick<Handlers, Extract<keyof Handlers, `identity.${string}`>>;

/** Where the profile's state is kept, and how it becomes open. */
export interface ProfileHolder {
  state(): ProfileState;
  /** Runs one change of identity at a time. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /** Tries again to open a profile that a missing keychain kept closed. */
  reopen(): Promise<void>;
  opened(session: Session, secret: RootSecret): void;
  /** It cannot be opened, for that reason. */
  failed(problem: Problem): void;
  session(): Session;
}

/** Where the right words open the store, and replace what the keychain has. */
const REPLACEABLE: ReadonlySet<ProblemCause> = new Set(['otherKey', 'unreadable', 'keychainUnreadable']);

const alreadyExists = (): ApiError => new ApiError('ALREADY_EXISTS', 'This profile already has an identity.');

export function identityHandlers(dependencies: MessengerDependencies, holder: ProfileHolder): IdentityHandlers {
  const { keychain } = dependencies;

  /**
   * Keychain first, store second: a crash between them leaves a secret without a store, which the next attempt takes up
   * again. When the store refuses, a secret that was written here is taken back.
   */
  const openNew = async (secret: RootSecret, displayName: string, written: boolean): Promise<Session> => {
    if (written) await keychain.write(secret);
    try {
      const session = await openProfileSession(dependencies, secret, displayName);
      holder.opened(session, secret);
      dependencies.emit({ type: 'identity.changed' });
      return session;
    } catch (error) {
      if (written) await keychain.remove();
      throw error;
    }
  };

  /**
   * Store first, keychain second: whatever the keychain has under our name now is replaced by what has opened the store, and by
   * nothing else.
   */
  const openAgain = async (secret: RootSecret, displayName: string): Promise<Session> => {
    try {
      const session = await openProfileSession(dependencies, secret, displayName);
      return await keep(session, secret);
    } catch (error) {
      const problem = problemState(dependencies.copies, error, secret);
      // The right words for a damaged store: a copy helps, and the words need not be typed again.
      if (problem.copyTakenAt !== undefined) holder.failed({ ...problem, isSecretNew: true });
      throw error;
    }
  };

  const keep = async (session: Session, secret: RootSecret): Promise<Session> => {
    try {
      await keychain.write(secret);
    } catch (error) {
      await session.close();
      throw error;
    }
    holder.opened(session, secret);
    dependencies.emit({ type: 'identity.changed' });
    return session;
  };

  const requireClosed = (): void => {
    const state = holder.state();
    if (state.kind === 'open') throw alreadyExists();
    if (state.kind === 'problem' && !REPLACEABLE.has(state.cause)) throw new ApiError(state.code, state.message);
  };

  return {
    'identity.status': async () => {
      await holder.reopen();
      return status(dependencies, holder.state());
    },

    'identity.create': ({ displayName }) =>
      holder.exclusively(async () => {
        requireClosed();
        const state = holder.state();
        if (state.kind === 'problem') throw new ApiError(state.code, state.message);
        if (state.kind === 'needsRestore')
          throw new ApiError(
            'ALREADY_EXISTS',
            'This profile holds the data of an identity. Restore it with its recovery phrase.',
          );
        const interrupted = await keychain.read();
        const secret = interrupted ?? createRootSecret((length) => dependencies.clock.random(length));
        const session = await openNew(secret, displayName, interrupted === undefined);
        return { memberId: session.identity.memberId, recoveryPhrase: recoveryPhraseOf(secret) ?? '' };
      }),

    'identity.restore': (params) =>
      holder.exclusively(async () => {
        requireClosed();
        const secret =
          'recoveryPhrase' in params
            ? rootSecretFromPhrase(params.recoveryPhrase)
            : rootSecretFromPrivateKey(params.privateKey);
        if (holder.state().kind !== 'none') {
          const session = await openAgain(secret, params.displayName);
          return { memberId: session.identity.memberId };
        }
        // A set-up that a crash interrupted left a secret that nobody has seen yet: the person brings another one.
        if ((await keychain.read()) !== undefined) await keychain.remove();
        const session = await openNew(secret, params.displayName, true);
        return { memberId: session.identity.memberId };
      }),

    'identity.restoreCopy': () =>
      holder.exclusively(async () => {
        const state = holder.state();
        if (state.kind !== 'problem' || state.secret === undefined || state.copyTakenAt === undefined)
          throw new ApiError('NOT_FOUND', 'There is no copy of the messages that could be put in their place.');
        const { secret } = state;
        const restored = await restoreCopy(dependencies, secret);
        const session = await openProfileSession(dependencies, secret, undefined);
        if (state.isSecretNew === true) await keep(session, secret);
        else {
          holder.opened(session, secret);
          dependencies.emit({ type: 'identity.changed' });
        }
        return restored;
      }),

    'identity.revealRecoveryPhrase': async () => {
      holder.session();
      const state = holder.state();
      const recoveryPhrase = state.kind === 'open' ? recoveryPhraseOf(state.secret) : undefined;
      if (recoveryPhrase === undefined)
        throw new ApiError('NOT_ALLOWED', 'This identity came from a private key, which has no recovery phrase.');
      return { recoveryPhrase };
    },

    'identity.setDisplayName': async ({ displayName }) => {
      const session = holder.session();
      session.storage.transaction(() => {
        const row = session.storage.profile.get();
        if (row === undefined) throw new ApiError('NO_IDENTITY', 'This profile has no identity.');
        session.storage.profile.put({ ...row, displayName });
        session.storage.people.putName(row.memberId, displayName);
      });
      session.user.setDisplayName(displayName);
      session.network.setProfile({ displayName, visibleNearby: session.storage.profile.settings().visibleNearby });
      session.postToAll({ kind: 'setDisplayName', displayName });
      session.emit({ type: 'identity.changed' });
      for (const conversationId of session.user.conversations())
        session.emit({ type: 'conversation.updated', conversationId });
      return {};
    },
  };
}

async function status(dependencies: MessengerDependencies, state: ProfileState): Promise<Result<'identity.status'>> {
  const { keychain } = dependencies;
  switch (state.kind) {
    case 'open': {
      const profile = state.session.storage.profile.get();
      return {
        exists: true,
        memberId: state.session.identity.memberId,
        ...(profile === undefined ? {} : { displayName: profile.displayName }),
        keychain: keychain.kind,
        hasRecoveryPhrase: state.secret.kind === 'phrase',
      };
    }
    case 'problem':
      return {
        exists: dependencies.databaseExists() || dependencies.copies.exist(),
        keychain: state.code === 'KEYCHAIN_UNAVAILABLE' ? 'unavailable' : keychain.kind,
        problem: shown(state, dependencies),
      };
    case 'needsRestore':
      return { exists: false, keychain: keychain.kind, needsRestore: true };
    case 'none':
      return { exists: false, ...(await keychainStatus(dependencies)) };
    default:
      return state satisfies never;
  }
}

/** Asks the keychain now: whoever looks at this screen may just have unlocked it. */
async function keychainStatus(
  dependencies: MessengerDependencies,
): Promise<Pick<Result<'identity.status'>, 'keychain' | 'problem'>> {
  try {
    await dependencies.keychain.read();
    return { keychain: dependencies.keychain.kind };
  } catch (error) {
    return {
      keychain: 'unavailable',
      problem: shown(problemState(dependencies.copies, error, undefined), dependencies),
    };
  }
}

const shown = (
  { code, message, cause, copyTakenAt }: Problem,
  { profileDirectory }: Pick<MessengerDependencies, 'profileDirectory'>,
): NonNullable<Result<'identity.status'>['problem']> => ({
  code,
  message,
  cause,
  ...(copyTakenAt === undefined ? {} : { copy: { takenAt: copyTakenAt } }),
  directory: profileDirectory,
});
