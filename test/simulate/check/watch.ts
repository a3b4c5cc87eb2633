/**
 * Looks on while a simulation runs: counts what happens, and notes whatever must not happen. Knows who is hostile; what a hostile
 * member's own device says is nobody's concern.
 */
import type { ApiEvent } from '../../../shared/api/events.ts';
import type { GovernanceEntry } from '../../../shared/api/model.ts';
import type { ConversationId, MemberId, ProposalId } from '../../../shared/model/ids.ts';
import type { Effect, SessionEvent, Step } from '../../../main/protocol/conversation/contract.ts';
import type { State } from '../../../main/protocol/conversation/index.ts';
import type { Plan } from '../plan/plan.ts';
import type { Device } from '../world/device.ts';
import type { World } from '../world/world.ts';
import { beyondLimits, usedKeyPackages } from './bounds.ts';
import { Decisions, questionOf } from './decisions.ts';
import { DeliveryWatch, repeated } from './delivery.ts';
import { SecretWatch } from './secrets.ts';
import { Elections } from './stewards.ts';

export interface Violation {
  /** Names the promise that was broken; shrinking keeps it. */
  readonly invariant: string;
  readonly detail: string;
}

/** More of one run say nothing new. */
const MAX_VIOLATIONS = 50;
/** Faults that only somebody who lies or whose software is broken commits. */
const ACCUSATIONS = new Set(['BrokenCommit', 'BrokenMlsProposal', 'MisbehavingCommit']);

/** No-op reasons that a step counted. */
function reasonsOf({ before, after }: Step<State>): ReadonlyMap<string, number> {
  if (before?.kind !== 'active' || after?.kind !== 'active') return new Map();
  const earlier: Readonly<Record<string, number>> = before.volatile.counters;
  const counted = Object.entries(after.volatile.counters).map(
    ([reason, times]) => [reason, times - (earlier[reason] ?? 0)] as const,
  );
  return new Map(counted.filter(([, times]) => times > 0));
}

/** The record of a vote stands beside the line that tells of it. */
function questionAsked(step: Step<State>, proposalId: ProposalId): string {
  for (const effect of step.effects)
    if (effect.kind === 'proposal' && effect.proposal.proposalId === proposalId)
      return questionOf(proposalId, effect.proposal.kind, effect.proposal.target);
  return '';
}

/** The line of one's own end names no rule. */
function ruleOfOwnEnd(entry: GovernanceEntry): GovernanceEntry['rule'] {
  if (entry.cause === 'left') return 'selfLeave';
  const yes = (entry.votes ?? []).filter(({ approve }) => approve).length;
  return yes >= (entry.needed ?? Infinity) ? 'votes' : 'timeout';
}

/** Whether a step led to another state of the group: to another epoch, or to another branch's state of the same (H-27, H-28). */
function isElsewhere(
  { process }: Device,
  before: State | undefined,
  after: State & { readonly kind: 'active' },
): boolean {
  if (before?.kind !== 'active' || before.group.epoch !== after.group.epoch) return true;
  if (process === undefined || before.group === after.group) return false;
  const { mls } = process;
  return Buffer.compare(mls.epochAuthenticator(before.group), mls.epochAuthenticator(after.group)) !== 0;
}

export class Watch {
  devices: readonly Device[] = [];
  readonly violations: Violation[] = [];
  readonly counts: Record<string, number> = {};
  readonly #world: World;
  readonly #plan: Plan;
  readonly #decisions: Decisions;
  readonly #deliveries = new DeliveryWatch();
  readonly #secrets = new SecretWatch();
  readonly #elections = new Elections();
  readonly #rounds = new WeakSet<object>();

  constructor(world: World, plan: Plan) {
    this.#world = world;
    this.#plan = plan;
    this.#decisions = new Decisions({ isHonest: (memberId) => this.#isHonestMember(memberId), settings: plan.rules });
  }

  count(name: string, times = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + times;
  }

  violate(invariant: string, detail: string): void {
    this.#world.trace.note(`VIOLATION ${invariant}: ${detail}`);
    if (this.violations.length < MAX_VIOLATIONS)
      this.violations.push({ invariant, detail: `${this.#world.elapsed().trim()} s: ${detail}` });
  }

  isHonest(device: Device): boolean {
    return !this.#plan.hostile.includes(device.index);
  }

  #isHonestMember(memberId: MemberId): boolean {
    const device = this.devices.find((other) => other.memberId === memberId);
    return device !== undefined && this.isHonest(device);
  }

  /** A name for a member id that people can follow. */
  nameOf(memberId: MemberId | undefined): string {
    return this.devices.find((device) => device.memberId === memberId)?.name ?? String(memberId);
  }

  installed(device: Device, step: Step<State>): void {
    if (!this.isHonest(device)) return;
    const { before, after } = step;
    this.#secrets.installed(device, step, this.#world.now);
    this.#deliveries.installed(device, step, this.#world.now);
    if (after?.kind === 'active') {
      this.#elections.sees(after);
      this.#round(device, after);
    }
    if (after?.kind === 'active' && isElsewhere(device, before, after)) {
      const members = device.process?.mls.members(after.group).map(({ memberId }) => memberId) ?? [];
      this.#decisions.sees(Number(after.group.epoch), members);
    }
    // Before the sync a joiner knows no votes: the member that let it in vouches for what is committed then.
    const isVouched = before?.kind !== 'active' || before.sync.awaiting !== undefined;
    for (const effect of step.effects) {
      if (effect.kind === 'event') this.#countEvent(effect.event);
      if (effect.kind === 'proposal') this.#vote(device, effect, step);
      if (effect.kind === 'journal') this.#line(device, effect.entry, { step, isVouched });
    }
    // What a run never met, it does not prove.
    for (const [reason, times] of reasonsOf(step)) this.count(`reason ${reason}`, times);
  }

  /** A step could not be made durable. */
  dropped(device: Device, step: Step<State>): void {
    this.#secrets.dropped(device, step);
  }

  crashed(device: Device): void {
    this.count('fault crash');
    this.#secrets.crashed(device, this.#world.now);
  }

  /** Whoever offers two commits offers none (H-7). */
  #round(device: Device, { round }: State & { readonly kind: 'active' }): void {
    if (round === undefined || this.#rounds.has(round)) return;
    this.#rounds.add(round);
    const committers = round.candidates.map(({ committer }) => committer);
    const twice = committers.find((committer, index) => committers.indexOf(committer) !== index);
    if (twice !== undefined)
      this.violate(
        'one candidate of each committer',
        `${device.name} chooses among several of ${this.nameOf(twice)}, epoch ${round.epoch}`,
      );
  }

  #countEvent(event: SessionEvent): void {
    if (event.kind === 'PhaseChange') this.count(`phase ${event.phase}`);
    if (event.kind === 'CommitApplied') this.count('commits applied');
  }

  /** Exactly the members of its epoch are asked, but in somebody's own leave. */
  #vote(device: Device, { change, proposal }: Effect & { kind: 'proposal' }, { after }: Step<State>): void {
    if (change !== 'decided' || proposal.outcome !== 'accepted' || proposal.selfLeave === true) return;
    this.count(`accepted ${proposal.kind}`);
    const yes = proposal.votes.filter(({ approve }) => approve).length;
    // When all have voted, a tie goes to the side that silence would take (§10.7).
    const isTie = proposal.votes.length >= proposal.expectedVoters && 2 * yes === proposal.votes.length;
    const isTieWon = isTie && proposal.silenceCountsAsYes === true;
    if (yes < proposal.needed && !isTieWon && (proposal.decidedAt ?? 0) < proposal.expiresAt)
      this.violate(
        'silence counts when the window is over',
        `${device.name} accepted ${proposal.kind} ${proposal.proposalId} with ${yes} of ${proposal.needed} votes before its time`,
      );
    if (after?.kind !== 'active') return;
    const session = after.consensus.sessions.find(({ proposalId }) => proposalId === proposal.proposalId);
    if (session === undefined) return;
    if (this.#decisions.asked(Number(session.epoch), proposal.expectedVoters) === false)
      this.violate(
        'a vote asks exactly the members',
        `${device.name} accepted ${proposal.kind} ${proposal.proposalId}, of epoch ${session.epoch}, with ${proposal.expectedVoters} voters`,
      );
  }

  #line(
    device: Device,
    entry: GovernanceEntry,
    { step, isVouched }: { readonly step: Step<State>; readonly isVouched: boolean },
  ): void {
    const { kind, actor, target } = entry;
    if (kind === 'proposed' && actor === device.memberId && target === device.memberId)
      this.#decisions.wantsToLeave(device.memberId);
    if (kind === 'committed' && entry.commitHash !== undefined)
      this.#decisions.applies(device.memberId, entry.commitHash);
    if (kind === 'voted' && actor === device.memberId && entry.proposalId !== undefined) {
      this.#decisions.votes(device.memberId, questionAsked(step, entry.proposalId), entry.approve === true);
    }
    const isChange = kind === 'joined' || (kind === 'left' && entry.commitHash !== undefined);
    if (isChange && !isVouched && entry.rule !== 'welcome' && entry.rule !== 'created') {
      const rule = entry.rule ?? (target === device.memberId ? ruleOfOwnEnd(entry) : undefined);
      const objection = this.#isFollowed(entry)
        ? undefined
        : this.#decisions.objection(rule === undefined ? entry : { ...entry, rule });
      if (objection !== undefined)
        this.violate(
          'no member in or out without a decision',
          `${device.name}, epoch ${entry.epoch}, by ${this.nameOf(actor)}: ${objection}`,
        );
    }
    if (kind === 'elected' && entry.proposalId !== undefined) this.#elected(device, step);
    if (
      kind === 'scored' &&
      ACCUSATIONS.has(entry.scoreEvent ?? '') &&
      target !== undefined &&
      this.#isHonestMember(target)
    )
      this.violate(
        'no honest member is blamed for a lie',
        `${device.name} holds ${entry.scoreEvent ?? ''} against ${this.nameOf(target)}, epoch ${entry.epoch}: ${[...reasonsOf(step).keys()].join(', ')}`,
      );
  }

  #elected(device: Device, { after }: Step<State>): void {
    if (after?.kind !== 'active') return;
    const members = device.process?.mls.members(after.group).map(({ memberId }) => memberId) ?? [];
    const objection = this.#elections.objection(after, members);
    if (objection !== undefined)
      this.violate(
        'the stewards are those that everybody computes',
        `${device.name}, epoch ${after.group.epoch}: ${objection}`,
      );
  }

  /** Somebody who missed the vote follows what enough of the members applied, at once or by going back to it (H-28). */
  #isFollowed({ commitHash, epoch }: GovernanceEntry): boolean {
    return commitHash !== undefined && this.#decisions.isAttested(commitHash, epoch);
  }

  /** A look at everything that grows or has to go. */
  patrol(conversationId: ConversationId): void {
    for (const device of this.devices) {
      if (!this.isHonest(device)) continue;
      for (const detail of beyondLimits(device, conversationId))
        this.violate('bounded memory', `${device.name}: ${detail}`);
      for (const detail of [
        ...usedKeyPackages(device, conversationId),
        ...this.#secrets.overdue(device, conversationId, this.#world.now),
      ])
        this.violate('no secret kept past its window', `${device.name}: ${detail}`);
    }
  }

  /** Something appeared on a screen. */
  sees(device: Device, event: ApiEvent): void {
    if (this.isHonest(device)) this.#deliveries.sees(device, event, this.#world.now);
  }

  /** Which messages are not yet at everybody, or in several orders. */
  shortfalls(devices: readonly Device[], conversationId: ConversationId): readonly Violation[] {
    return this.#deliveries.report(devices, conversationId).shortfalls;
  }

  /** Looks for every message at everybody, once all is quiet; answers with what is missing. */
  delivered(devices: readonly Device[], conversationId: ConversationId): readonly Violation[] {
    for (const device of devices)
      for (const message of repeated(device, conversationId))
        this.violate('no message appears twice', `${device.name}: ${message}`);
    const { acknowledged, everywhere, goneWithAuthor, shortfalls } = this.#deliveries.report(devices, conversationId);
    this.count('messages acknowledged', acknowledged);
    this.count('messages everywhere', everywhere);
    if (goneWithAuthor > 0) this.count('messages gone with their author', goneWithAuthor);
    return shortfalls;
  }

  failed(device: Device, message: string, error: unknown): void {
    if (!this.isHonest(device)) return;
    const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.violate('no unhandled error', `${device.name}: ${message}: ${cause.split('\n').slice(0, 6).join(' | ')}`);
  }
}
