/**
 * What a person does at their device: acts when the plan says so, and votes when asked, in the way of their temper. Goes through the
 * messenger's use cases like any screen; knows no protocol.
 */
import type { ApiEvent } from '../../../shared/api/events.ts';
import type { Proposal } from '../../../shared/api/model.ts';
import type { ConversationId, ProposalId } from '../../../shared/model/ids.ts';
import type { Temper } from '../plan/plan.ts';
import { Dice } from '../world/chance.ts';
import { isForWantOfSpace, type Device, type UseCases } from '../world/device.ts';
import type { World } from '../world/world.ts';

/** Refusals that a person may well meet; anything else is a bug. */
const ORDINARY_REFUSALS = new Set([
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'WRONG_STATE',
  'NOT_ALLOWED',
  'INVALID_INVITE',
  // The protocol's own.
  'ConversationAlreadyExists',
  'ConversationNotFound',
  'ConversationBlocked',
  'PartialFreeze',
  'UserAlreadyVoted',
  'SessionNotFound',
  'SessionNotActive',
  'NotAMember',
  'CannotRemoveSelf',
  'AlreadyProposed',
  'TooMuchQueued',
  'TooManyProposals',
  'MAILBOX_FULL',
]);

export interface PersonOptions {
  readonly world: World;
  readonly device: Device;
  readonly temper: Temper;
  readonly votingWindowMs: number;
  /** A command ended in a way that no person should see. */
  readonly failed: (device: Device, message: string, error: unknown) => void;
}

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

export class Person {
  readonly device: Device;
  /** Commands that were carried out, by name. */
  readonly done: Record<string, number> = {};
  readonly #options: PersonOptions;
  readonly #dice: Dice;
  /** Votes that this person has made up their mind about. */
  readonly #considered = new Set<ProposalId>();
  #said = 0;

  constructor(options: PersonOptions) {
    this.#options = options;
    this.device = options.device;
    this.#dice = new Dice(`${options.world.seed}/person ${options.device.index}`);
  }

  /** Does something at the device; nothing when it is off. */
  #do(name: string, act: (useCases: UseCases) => Promise<unknown>): void {
    const { process, asleep } = this.device;
    if (process?.alive !== true || process.useCases === undefined || asleep) return;
    act(process.useCases).then(
      () => {
        this.done[name] = (this.done[name] ?? 0) + 1;
      },
      (error: unknown) => {
        if (!process.alive || isForWantOfSpace(error)) return;
        const code = codeOf(error);
        if (typeof code === 'string' && ORDINARY_REFUSALS.has(code)) return;
        this.#options.failed(this.device, `${name} was refused`, error);
      },
    );
  }

  create(
    settings: Parameters<UseCases['conversation.create']>[0]['settings'],
    then: (id: ConversationId) => void,
  ): void {
    this.#do('create', async (useCases) => {
      const { conversationId } = await useCases['conversation.create']({ name: 'Hikers', settings });
      then(conversationId);
    });
  }

  /** Asks for a link; nobody gets one from somebody who is no member. */
  invite(conversationId: ConversationId, then: (link: string) => void): void {
    this.#do('invite', async (useCases) => {
      const { invite } = await useCases['invite.create']({ conversationId });
      then(invite);
    });
  }

  join(invite: string): void {
    this.#do('join', (useCases) => useCases['conversation.join']({ invite }));
  }

  chat(conversationId: ConversationId): void {
    this.#said += 1;
    const text = `${this.device.name} says ${this.#said}`;
    this.#do('chat', (useCases) => useCases['message.send']({ conversationId, text }));
  }

  remove(conversationId: ConversationId, target: Device): void {
    const { memberId } = target;
    this.#do('remove', (useCases) => useCases['member.remove']({ conversationId, memberId }));
  }

  leave(conversationId: ConversationId): void {
    this.#do('leave', (useCases) => useCases['conversation.leave']({ conversationId }));
  }

  resetInvite(conversationId: ConversationId): void {
    this.#do('resetInvite', (useCases) => useCases['invite.reset']({ conversationId }));
  }

  /** Something appeared on the screen. */
  sees(event: ApiEvent): void {
    if (event.type !== 'proposal.opened') return;
    const { proposal, conversationId } = event;
    if (proposal.outcome !== 'open' || proposal.selfLeave === true || proposal.ownVote !== undefined) return;
    this.#consider(conversationId, proposal);
  }

  /** Looks at what is open, after the device was off. */
  looks(conversationId: ConversationId): void {
    this.#do('look', async (useCases) => {
      const { open } = await useCases['proposal.list']({ conversationId });
      for (const proposal of open)
        if (proposal.ownVote === undefined && proposal.selfLeave !== true) this.#consider(conversationId, proposal);
    });
  }

  #consider(conversationId: ConversationId, { proposalId, kind, target }: Proposal): void {
    if (this.#considered.has(proposalId)) return;
    this.#considered.add(proposalId);
    // What clients decide by what they saw is not for people to guess; they only defend themselves.
    const isTechnical = kind === 'emergency' || kind === 'stewardElection';
    if (isTechnical && target !== this.device.memberId) return;
    const { temper, votingWindowMs, world } = this.#options;
    const lot = this.#dice.next();
    const thinkMs = this.#dice.whole(200, Math.max(400, Math.floor(votingWindowMs * temper.patience)));
    if (!isTechnical && lot >= temper.yes + temper.no) return;
    const approve = !isTechnical && lot < temper.yes;
    world.after(thinkMs, () => {
      this.#do(approve ? 'voteYes' : 'voteNo', (useCases) =>
        useCases['proposal.vote']({ conversationId, proposalId, approve }),
      );
    });
  }
}
