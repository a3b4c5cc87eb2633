/**
 * An opened profile at work: the store, the network and the registry of conversations, joined by one mailbox per
 * conversation. Use cases build on it; it knows none of them.
 */
import { PEER_SAVE_DELAY_MS } from '../../shared/limits.ts';
import type { ApiEvent } from '../../shared/api/events.ts';
import type { ConversationDetail, ConversationSummary } from '../../shared/api/model.ts';
import type { ConversationId, MemberId } from '../../shared/model/ids.ts';
import type { Clock } from '../clock.ts';
import type { ConversationInput, Step } from '../protocol/conversation/contract.ts';
import { ProtocolError } from '../protocol/conversation/errors.ts';
import type { Identity } from '../protocol/identity/contract.ts';
import type { User } from '../protocol/user/contract.ts';
import { decodeInviteLink } from '../protocol/wire/inviteLink.ts';
import type { Logger } from './contract.ts';
import { createCatchUp, type CatchUp } from './catchUp/index.ts';
import { commitSteps, type CommitContext, type Committed } from './commit.ts';
import { detailOf, detailOfView, summaryOf, type DetailContext } from './detail.ts';
import { createMailbox, MailboxClosedError, type Mailbox } from './mailbox.ts';
import type { NameOf } from './names.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import type { Network, NetworkEvent, PeerView } from './ports/network.ts';
import type { Storage } from './ports/storage.ts';
import { createPresence } from './presence.ts';

export interface SessionDependencies {
  readonly identity: Identity;
  readonly storage: Storage;
  readonly user: User;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly emit: (event: ApiEvent) => void;
  /** Makes the network; called once, with where its events go. */
  readonly createNetwork: (onEvent: (event: NetworkEvent) => void) => Promise<Network>;
}

export interface Session {
  readonly identity: Identity;
  readonly storage: Storage;
  readonly network: Network;
  readonly user: User;
  readonly nameOf: NameOf;
  readonly emit: (event: ApiEvent) => void;
  /** Computes, commits and emits the step that begins a conversation. */
  begin(compute: () => Promise<Step>): Promise<ConversationId>;
  /** Hands a command to a conversation's mailbox; resolves once it is durable. */
  send(conversationId: ConversationId, input: ConversationInput): Promise<Step>;
  /** Hands a command to every conversation, without waiting. */
  postToAll(input: ConversationInput): void;
  detail(conversationId: ConversationId): ConversationDetail | undefined;
  summaries(): readonly ConversationSummary[];
  /** Stores where peers can be reached now rather than soon: what follows is of no use without it. */
  savePeers(): void;
  isOnline(memberId: MemberId): boolean;
  closed(): boolean;
  close(): Promise<void>;
}

/** Whether somebody may share a group with us since: a member came, or we did. */
const mayShareMore = (event: ApiEvent): boolean =>
  event.type === 'member.joined' || (event.type === 'conversation.stateChanged' && event.state === 'working');

/** What waited behind the step that ended a conversation finds none: nothing is lost by it. */
const isAfterTheEnd = (error: unknown): boolean =>
  error instanceof ProtocolError && error.code === 'ConversationNotFound';

/** Opens what the store holds, starts the network, and lets both go on from where they were. */
export async function openSession(dependencies: SessionDependencies): Promise<Session> {
  const { identity, storage, user, clock, logger, emit } = dependencies;
  const nameOf: NameOf = (memberId) => storage.people.name(memberId);
  const presence = createPresence();
  const announced = new Set<ConversationId>();
  const mailboxes = new Map<ConversationId, Mailbox>();
  let closed = false;

  const detailContext: DetailContext = {
    storage,
    user,
    nameOf,
    isOnline: (memberId) => presence.isOnline(memberId),
    wasAnnounced: (conversationId) => announced.has(conversationId),
  };
  const commitContext: CommitContext = {
    storage,
    user,
    now: () => clock.now(),
    nameOf,
    detailOf: (view) => detailOfView(view, detailContext),
  };

  const network = await dependencies.createNetwork((event) => {
    if (!closed) onNetworkEvent(event);
  });

  const outbox: Outbox = createOutbox({
    storage,
    network,
    clock,
    taken: (row, message) => {
      if (message !== undefined) emit({ type: 'message.updated', conversationId: row.conversationId, message });
      if (row.subject.kind === 'announcement' && !announced.has(row.conversationId)) {
        announced.add(row.conversationId);
        emit({ type: 'conversation.updated', conversationId: row.conversationId });
      }
    },
    expired: (row) => {
      logger.info({ conversation: row.conversationId, subject: row.subject.kind }, 'a packet grew too old to be sent');
    },
    failed: (error) => {
      logger.warn({ error }, 'the outbox could not send; it tries again');
    },
  });

  const isShared = (memberId: MemberId): boolean => user.sharesConversationWith(memberId);

  const letOut = (committed: Committed): void => {
    for (const conversationId of committed.started) network.subscribe(conversationId);
    for (const conversationId of committed.ended) {
      network.unsubscribe(conversationId);
      announced.delete(conversationId);
      const mailbox = mailboxes.get(conversationId);
      mailboxes.delete(conversationId);
      // The mailbox is in the middle of this very step: it ends by itself, and nobody needs to wait.
      mailbox?.close().catch((error: unknown) => {
        logger.error({ error }, 'a mailbox did not close');
      });
    }
    // Whom we let know us is asked anew: there may be members now whom we were nobody to.
    if (committed.events.some(mayShareMore)) {
      network.setSharedMembers(isShared);
      catchUp.sharesChanged();
    }
    for (const event of committed.events) emit(event);
    for (const conversationId of committed.outgoing) outbox.flush(conversationId);
    for (const conversationId of committed.lacking) catchUp.ask(conversationId);
  };

  const mailboxOf = (conversationId: ConversationId): Mailbox => {
    const existing = mailboxes.get(conversationId);
    if (existing !== undefined) return existing;
    let committed: Committed | undefined;
    const mailbox = createMailbox(
      {
        compute: (input) => user.step(conversationId, input, clock.now()),
        install: (step) => {
          user.install(step);
        },
        commit: (steps) => {
          committed = commitSteps(steps, commitContext);
        },
        revert: (steps) => {
          for (const step of [...steps].reverse()) user.drop(step);
        },
        emit: () => {
          if (committed !== undefined) letOut(committed);
          committed = undefined;
        },
        report: (error, input) => {
          if (isAfterTheEnd(error)) {
            logger.debug({ conversation: conversationId, input: input.kind }, 'an input came after the end');
            return;
          }
          logger.error({ error, conversation: conversationId, input: input.kind }, 'an input could not be carried out');
          if (input.kind === 'packet' || input.kind === 'wake')
            emit({ type: 'notice', level: 'error', text: 'Something could not be stored. Conclave tries again.' });
        },
      },
      clock,
    );
    mailboxes.set(conversationId, mailbox);
    return mailbox;
  };

  /** A packet of an exchange; undefined once the conversation is no more. */
  const deliver = async (
    conversationId: ConversationId,
    packet: ConversationInput & { readonly kind: 'packet' },
  ): Promise<Step | undefined> => {
    try {
      return await mailboxes.get(conversationId)?.deliver(packet);
    } catch (error) {
      if (error instanceof MailboxClosedError) return undefined;
      throw error;
    }
  };

  const catchUp: CatchUp = createCatchUp({
    identity,
    user,
    network,
    log: storage.packetLog,
    clock,
    logger,
    deliver,
    caughtUp: (conversationId, them, whole) => {
      mailboxes.get(conversationId)?.post({ kind: 'caughtUp', with: them, whole });
    },
  });

  const onInviteOffered = (from: PeerView, invite: string): void => {
    try {
      const { conversationName } = decodeInviteLink(invite);
      emit({
        type: 'invite.received',
        from: { ...from, addresses: [...from.addresses] },
        conversationName,
        invite,
        at: clock.now(),
      });
    } catch (error) {
      logger.info({ error, peer: from.peerId }, 'a peer offered something that is no invite');
    }
  };

  const presenceChanged = (members: readonly MemberId[]): void => {
    if (members.length === 0) return;
    for (const conversationId of user.conversations()) {
      const shown = user.view(conversationId)?.members.some((member) => members.includes(member.memberId));
      if (shown === true) emit({ type: 'conversation.updated', conversationId });
    }
  };

  let saveTimer: ReturnType<Clock['setTimeout']> | undefined;
  const savePeers = (): void => {
    if (saveTimer !== undefined) clock.clearTimeout(saveTimer);
    saveTimer = undefined;
    try {
      storage.transaction(() => {
        storage.people.putPeers(network.knownPeers());
      });
    } catch (error) {
      logger.warn({ error }, 'known peers could not be stored');
    }
  };

  const onNetworkEvent = (event: NetworkEvent): void => {
    switch (event.kind) {
      case 'packet': {
        const { conversationId, subtopic, payload } = event.packet;
        // A mailbox stands for every conversation that runs.
        const taken = mailboxes.get(conversationId)?.post({ kind: 'packet', subtopic, payload });
        if (taken === false) logger.warn({ conversation: conversationId }, 'a mailbox is full; a packet was dropped');
        return;
      }
      case 'peerUpdated':
        presenceChanged(presence.update(event.peer));
        catchUp.peerUpdated(event.peer);
        emit({ type: 'peer.updated', peer: { ...event.peer, addresses: [...event.peer.addresses] } });
        saveTimer ??= clock.setTimeout(savePeers, PEER_SAVE_DELAY_MS);
        return;
      case 'peerLost':
        presenceChanged(presence.lose(event.peerId));
        catchUp.peerLost(event.peerId);
        emit({ type: 'peer.lost', peerId: event.peerId });
        return;
      case 'topicPeers':
        mailboxes.get(event.conversationId)?.post({ kind: event.peers.length === 0 ? 'unreachable' : 'reachable' });
        if (event.peers.length === 0) return;
        outbox.flush(event.conversationId);
        catchUp.topicPeers(event.conversationId, event.peers);
        return;
      case 'inviteOffered':
        onInviteOffered(event.from, event.invite);
        return;
      case 'catchUpOpened':
        catchUp.opened(event.from, event.channel);
        return;
      case 'addressesChanged':
        logger.info({ addresses: event.listenAddresses }, 'listening');
        return;
      default:
        event satisfies never;
    }
  };

  /** Takes up what the store holds; answers with when each conversation wants to be woken. */
  const restoreAll = (): ReadonlyMap<ConversationId, number | undefined> => {
    const running = storage.conversations.list().filter((row) => row.ended === undefined);
    return new Map(
      running.map(({ conversationId }) => [
        conversationId,
        user.restore(storage.conversations.load(conversationId), clock.now()),
      ]),
    );
  };

  const wakeTimes = restoreAll();
  network.setSharedMembers(isShared);
  network.addKnownPeers(storage.people.peers());
  await network.start();
  // Topics and timers need a network that runs.
  for (const [conversationId, wakeAt] of wakeTimes) {
    network.subscribe(conversationId);
    mailboxOf(conversationId).wakeAt(wakeAt);
    // Until somebody is there, what is written waits.
    if (network.topicPeers(conversationId).length === 0) mailboxOf(conversationId).post({ kind: 'unreachable' });
  }
  for (const conversationId of storage.outbox.conversations()) outbox.flush(conversationId);

  return {
    identity,
    storage,
    network,
    user,
    nameOf,
    emit,
    async begin(compute) {
      const step = await compute();
      user.install(step);
      let committed: Committed;
      try {
        committed = commitSteps([step], commitContext);
      } catch (error) {
        user.drop(step);
        throw error;
      }
      mailboxOf(step.conversationId).wakeAt(step.nextWakeupAt);
      letOut(committed);
      return step.conversationId;
    },
    send: (conversationId, input) => mailboxOf(conversationId).send(input),
    postToAll(input) {
      for (const conversationId of user.conversations()) mailboxOf(conversationId).post(input);
    },
    detail: (conversationId) => detailOf(conversationId, detailContext),
    summaries: () => storage.conversations.list().flatMap((row) => summaryOf(row, detailContext) ?? []),
    savePeers,
    isOnline: (memberId) => presence.isOnline(memberId),
    closed: () => closed,
    async close() {
      if (closed) return;
      closed = true;
      // Both at once: an exchange ends when a mailbox has taken what it brought, or says that it will not.
      await Promise.all([catchUp.close(), ...[...mailboxes.values()].map((mailbox) => mailbox.close())]);
      await outbox.close();
      savePeers();
      await network.stop();
      storage.close();
    },
  };
}
