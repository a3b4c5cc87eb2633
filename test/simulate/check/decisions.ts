/**
 * Whether each change of members was decided by those who were asked: compared with the votes that honest people really cast, not
 * with what anybody says about them. A hostile member may have voted as it liked, once.
 */
import type { GovernanceEntry } from '../../../shared/api/model.ts';
import type { MemberId, ProposalId } from '../../../shared/model/ids.ts';
import type { ConversationSettings } from '../../../shared/api/settings.ts';
import { twoThirds, votesNeeded } from '../../../main/protocol/conversation/records.ts';

/** How many epochs before its commit a vote may have begun. */
const EPOCHS_BEFORE = 100;

export interface Judge {
  readonly isHonest: (memberId: MemberId) => boolean;
  readonly settings: ConversationSettings;
}

export class Decisions {
  readonly #judge: Judge;
  /** Votes that honest members cast, by what they were asked. */
  readonly #cast = new Map<string, Map<MemberId, boolean>>();
  /** Honest members who said that they want to go. */
  readonly #leaving = new Set<MemberId>();
  /** Honest members that applied a commit, by its hash. */
  readonly #applied = new Map<string, Set<MemberId>>();
  /** The members of each epoch, as honest members saw them; more than one set while the group is forked. */
  readonly #rosters = new Map<number, Map<string, ReadonlySet<MemberId>>>();

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  applies(memberId: MemberId, commitHash: string): void {
    const members = this.#applied.get(commitHash) ?? new Set();
    this.#applied.set(commitHash, members.add(memberId));
  }

  /**
   * Whether enough members of some epoch before may have said that they applied it: more than a third, so that an honest one among them
   * knew of the decision, and where they are two, both. Hostile ones say anything.
   */
  isAttested(commitHash: string, epoch: number): boolean {
    const { isHonest } = this.#judge;
    const applied = this.#applied.get(commitHash);
    return this.#rostersBefore(epoch).some((roster) => {
      const witnesses = [...roster].filter((memberId) => !isHonest(memberId) || applied?.has(memberId) === true);
      return roster.size <= 2 ? witnesses.length >= twoThirds(roster.size) : 3 * witnesses.length > roster.size;
    });
  }

  sees(epoch: number, members: readonly MemberId[]): void {
    const rosters = this.#rosters.get(epoch) ?? new Map<string, ReadonlySet<MemberId>>();
    rosters.set(members.join(' '), new Set(members));
    this.#rosters.set(epoch, rosters);
  }

  wantsToLeave(memberId: MemberId): void {
    this.#leaving.add(memberId);
  }

  votes(memberId: MemberId, question: string, approve: boolean): void {
    const votes = this.#cast.get(question) ?? new Map<MemberId, boolean>();
    votes.set(memberId, approve);
    this.#cast.set(question, votes);
  }

  /** Why the change that the line tells of was not decided; undefined when all is well. */
  objection(entry: GovernanceEntry): string | undefined {
    const { proposalId, target, rule } = entry;
    if (target === undefined) return 'nobody is named';
    const change = entry.kind === 'joined' ? 'addMember' : 'removeMember';
    if (proposalId === undefined) return `no decision on ${change} of ${target}`;
    switch (rule) {
      case 'selfLeave':
        if (entry.kind !== 'left') return 'somebody joined by leaving';
        return !this.#judge.isHonest(target) || this.#leaving.has(target)
          ? undefined
          : `${target} never asked to leave`;
      case 'votes':
        return this.#tooFewVotes(entry, questionOf(proposalId, entry.proposalKind ?? change, target));
      case 'timeout':
        return this.#silenceObjection(entry, change);
      default:
        return `the rule ${rule ?? 'none'} decides nothing`;
    }
  }

  #tooFewVotes(entry: GovernanceEntry, question: string): string | undefined {
    const expected = entry.expectedVoters ?? 0;
    const rosters = this.#rostersBefore(entry.epoch).filter(({ size }) => size === expected);
    if (rosters.length === 0) return `${expected} were asked, but the group never had so many members`;
    const { isHonest } = this.#judge;
    const cast = this.#cast.get(question);
    const voters = new Set((entry.votes ?? []).filter(({ approve }) => approve).map(({ memberId }) => memberId));
    const isGenuine = (memberId: MemberId): boolean => !isHonest(memberId) || cast?.get(memberId) === true;
    const genuine = rosters
      .map((roster) => [...voters].filter((memberId) => roster.has(memberId) && isGenuine(memberId)))
      .reduce((most, each) => (each.length > most.length ? each : most));
    const needed = votesNeeded(expected);
    return genuine.length >= needed
      ? undefined
      : `${question} passed with ${genuine.length} genuine votes of ${needed} (${voters.size} claimed)`;
  }

  #silenceObjection(entry: GovernanceEntry, change: string): string | undefined {
    const { settings } = this.#judge;
    const counts = change === 'addMember' ? settings.livenessCriteriaYes : settings.removalLivenessCriteriaYes;
    return counts ? this.#wrongElectorate(entry) : `${change} passed by silence, which counts as no`;
  }

  #wrongElectorate({ expectedVoters, epoch }: GovernanceEntry): string | undefined {
    return this.#rostersBefore(epoch).some(({ size }) => size === expectedVoters)
      ? undefined
      : `${expectedVoters ?? 0} were asked, but the group never had so many members`;
  }

  #rostersBefore(epoch: number): ReadonlySet<MemberId>[] {
    return [...this.#rosters]
      .filter(([at]) => at <= epoch && at >= epoch - EPOCHS_BEFORE)
      .flatMap(([, each]) => [...each.values()]);
  }

  /** Whether all members of an epoch were asked and nobody else; undefined when it is not known who they were. */
  asked(epoch: number, expectedVoters: number): boolean | undefined {
    const rosters = this.#rosters.get(epoch);
    return rosters === undefined ? undefined : [...rosters.values()].some(({ size }) => size === expectedVoters);
  }
}

/** What a vote is about; an id alone could be used twice. */
export function questionOf(proposalId: ProposalId, kind: string, target: MemberId | undefined): string {
  return kind === 'emergency' ? `${proposalId} ${kind}` : `${proposalId} ${kind} ${target ?? ''}`;
}
