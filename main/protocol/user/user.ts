/**
 * The registry of conversations (§8.1): starts, steps, installs and takes back. Everything that computes leaves the registry as
 * it is; only `install`, `drop` and `restore` change it. Knows no storage, network or timer.
 */
import { base32nopad } from '@scure/base';
import { friendsPreset } from '../../../shared/api/settings.ts';
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';
import type { ConversationSettings } from '../../../shared/api/settings.ts';
import {
  beginDraft,
  beginJoin,
  checkConfig,
  createConversation,
  decodeState,
  defaultConversationOptions,
  finishStep,
  isWelcomeFor,
  nextWakeupAt,
  pendingWakeupAt,
  ProtocolError,
  renewedWrites,
  standingOf,
  stepConversation,
  viewOfState,
  writesBetween,
  type ConversationContext,
  type ConversationOptions,
  type ConversationView,
  type State,
  type Step,
} from '../conversation/index.ts';
import type { Breather } from '../breather.ts';
import type { Identity } from '../identity/contract.ts';
import type { MlsService } from '../mls/contract.ts';
import { createPluginsFactory, type ConversationPluginsFactory } from '../plugins.ts';
import type { Random } from '../random.ts';
import { isConversationId } from '../wire/index.ts';
import type { JoinInvite, User } from './contract.ts';

/** 128 random bits, unguessable (architecture 4). */
const CONVERSATION_ID_BYTES = 16;

export interface UserOptions {
  readonly identity: Identity;
  readonly mls: MlsService;
  readonly random: Random;
  readonly displayName: string;
  /** The plug-ins of conversations; ours by default. */
  readonly plugins?: ConversationPluginsFactory;
  readonly options?: Partial<ConversationOptions>;
  /** Lets the event loop turn within what takes long; never when absent. */
  readonly breathe?: Breather;
}

export function createUser(input: UserOptions): User<State> {
  const { identity, mls, random } = input;
  let { displayName } = input;
  const context: ConversationContext = {
    identity,
    mls,
    random,
    plugins: input.plugins ?? createPluginsFactory({ signer: identity, random }),
    options: { ...defaultConversationOptions, ...input.options },
    displayName: () => displayName,
    ...(input.breathe === undefined ? {} : { breathe: input.breathe }),
  };
  const present = new Map<ConversationId, State>();
  /** Ids of conversations that are being started and not installed yet. */
  const reserved = new Set<ConversationId>();
  /** A state's view is asked for again and again; states never change. */
  const views = new WeakMap<State, ConversationView>();

  function freshId(): ConversationId {
    return base32nopad.encode(random(CONVERSATION_ID_BYTES)).toLowerCase() as ConversationId;
  }

  /** Reserves the id while `begin` computes; the reservation ends with install or drop, or at once when it fails. */
  async function reserve(conversationId: ConversationId, begin: () => Promise<Step<State>>): Promise<Step<State>> {
    if (present.has(conversationId) || reserved.has(conversationId))
      throw new ProtocolError('ConversationAlreadyExists');
    reserved.add(conversationId);
    try {
      return await begin();
    } catch (error) {
      reserved.delete(conversationId);
      throw error;
    }
  }

  async function create(
    conversationId: ConversationId,
    name: string,
    settings: ConversationSettings,
    now: number,
  ): Promise<Step<State>> {
    const rules = checkConfig(name, settings);
    if (!isConversationId(conversationId)) throw new ProtocolError('InvalidConfig', { detail: 'conversationId' });
    return reserve(conversationId, async () => {
      const draft = await createConversation(context, conversationId, rules, now);
      return finishStep(draft, undefined, [{ kind: 'Created', conversationId }]);
    });
  }

  async function join(invite: JoinInvite, now: number): Promise<Step<State>> {
    const { conversationId } = invite;
    if (!isConversationId(conversationId)) throw new ProtocolError('InvalidConfig', { detail: 'conversationId' });
    return reserve(conversationId, async () => {
      const { state, effects } = await beginJoin(context, invite, now);
      return {
        conversationId,
        before: undefined,
        after: state,
        effects,
        lifecycle: [{ kind: 'Created', conversationId }],
        reply: {},
        nextWakeupAt: pendingWakeupAt(state),
      };
    });
  }

  function stateOf(conversationId: ConversationId): State {
    const state = present.get(conversationId);
    if (state === undefined) throw new ProtocolError('ConversationNotFound');
    return state;
  }

  const step: User<State>['step'] = async (conversationId, conversationInput, now) =>
    stepConversation(context, stateOf(conversationId), conversationInput, now);

  function viewOf(state: State): ConversationView {
    const known = views.get(state);
    if (known !== undefined) return known;
    const view = viewOfState(context, state);
    views.set(state, view);
    return view;
  }

  function setPresent(conversationId: ConversationId, state: State | undefined): void {
    if (state === undefined) present.delete(conversationId);
    else present.set(conversationId, state);
  }

  return {
    memberId: identity.memberId,
    startConversation: (start, now) =>
      start.kind === 'create' ? create(freshId(), start.name, friendsPreset, now) : join(start.invite, now),
    createConversationWithConfig: ({ conversationId, name, settings }, now) =>
      create(conversationId ?? freshId(), name, settings, now),
    leaveConversation: (conversationId, now) => step(conversationId, { kind: 'leave' }, now),
    step,
    install(installed) {
      reserved.delete(installed.conversationId);
      setPresent(installed.conversationId, installed.after);
    },
    drop(dropped) {
      reserved.delete(dropped.conversationId);
      setPresent(dropped.conversationId, dropped.before);
    },
    restore(stored, now) {
      const state = decodeState(mls, stored);
      present.set(stored.conversationId, state);
      return state.kind === 'pending' ? pendingWakeupAt(state) : nextWakeupAt(beginDraft(context, state, now));
    },
    renewedWrites: (stored, now) => renewedWrites(context, stored, now),
    writesOf: ({ before, after }) => writesBetween(mls, before, after),
    conversations: () => [...present.keys()],
    view(conversationId) {
      const state = present.get(conversationId);
      return state === undefined ? undefined : viewOf(state);
    },
    viewOf,
    standing(conversationId, now) {
      const state = present.get(conversationId);
      return state === undefined ? undefined : standingOf(mls, state, now);
    },
    isWelcomeFor: (packet, reference) => isWelcomeFor(mls, packet, reference),
    sharesConversationWith: (memberId: MemberId) =>
      [...present.values()].some(
        (state) => state.kind === 'active' && mls.members(state.group).some((member) => member.memberId === memberId),
      ),
    setDisplayName(name) {
      displayName = name;
    },
  };
}
