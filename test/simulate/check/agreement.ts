/**
 * What must be equal at all honest members once nothing goes wrong any more, and what must be over. Knows states, no history.
 */
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';
import type { ConversationView } from '../../../main/protocol/conversation/contract.ts';
import type { Device } from '../world/device.ts';
import type { World } from '../world/world.ts';
import type { Violation } from './watch.ts';

interface Seen {
  readonly device: Device;
  readonly view: ConversationView;
}

const short = (memberId: string): string => memberId.slice(2, 8);

/** The parts that everybody must have alike; undefined: this device cannot know it. */
const STUCK = 'no conversation stuck';

const COMPARED: readonly { readonly invariant: string; readonly of: (view: ConversationView) => string | undefined }[] =
  [
    { invariant: 'one epoch', of: ({ epoch }) => String(epoch) },
    { invariant: 'one epoch authenticator', of: ({ epochAuthenticator }) => epochAuthenticator.slice(0, 16) },
    {
      invariant: 'one set of members',
      of: ({ members }) =>
        members
          .map(({ memberId }) => short(memberId))
          .sort()
          .join(' '),
    },
    {
      invariant: 'one steward list',
      of: ({ stewards, electionEpoch }) => `${electionEpoch}: ${stewards.map(short).join(' ')}`,
    },
    { invariant: 'one journal head', of: ({ journalHead }) => journalHead?.slice(0, 16) },
  ];

/** Whether more of the members are hostile than any protocol survives: those may keep the others from everything. */
function isOutnumbered({ view }: Seen, honest: ReadonlySet<MemberId>): boolean {
  const hostile = view.members.filter(({ memberId }) => !honest.has(memberId)).length;
  return 3 * hostile > view.members.length;
}

/**
 * Whether so many of its members are gone for good that nothing can be decided any more: two thirds are needed, and those who went, went
 * without a word that reached it. Nobody's rules help there but the person's, who may leave.
 */
function isDeserted({ device, view }: Seen, seen: readonly Seen[], honest: ReadonlySet<MemberId>): boolean {
  const there = view.members.filter(
    ({ memberId }) =>
      !honest.has(memberId) || memberId === device.memberId || seen.some((other) => other.device.memberId === memberId),
  );
  return 3 * there.length < 2 * view.members.length;
}

/** Every way in which the honest devices differ or are stuck now; empty when all is well. */
export function compareAll(
  devices: readonly Device[],
  conversationId: ConversationId,
  world: World,
): readonly Violation[] {
  const honest = new Set(devices.map(({ memberId }) => memberId));
  const seen = devices.flatMap((device): Seen[] => {
    const view = device.process?.user.view(conversationId);
    if (view === undefined || view.phase === 'pendingJoin') return [];
    return isOutnumbered({ device, view }, honest) ? [] : [{ device, view }];
  });
  const standing = seen.filter((each) => !isDeserted(each, seen, honest));
  return [...differences(seen), ...standing.flatMap((each) => stuck(each, world))];
}

function differences(seen: readonly Seen[]): Violation[] {
  for (const { invariant, of } of COMPARED) {
    const groups = new Map<string, string[]>();
    for (const { device, view } of seen) {
      const value = of(view);
      if (value !== undefined) groups.set(value, [...(groups.get(value) ?? []), String(device.index)]);
    }
    if (groups.size > 1) {
      const detail = [...groups].map(([value, who]) => `${who.join(',')} have ${value}`).join('; ');
      return [{ invariant, detail }];
    }
  }
  return [];
}

function stuck({ device, view }: Seen, world: World): Violation[] {
  const problems: string[] = [];
  if (view.phase !== 'working') problems.push(`is in ${view.phase}`);
  if (view.approvedProposals.length > 0)
    problems.push(
      `has changes waiting: ${view.approvedProposals.map(({ kind, target }) => `${kind} ${short(target ?? '')}`).join(', ')}`,
    );
  const late = view.openProposals.filter(({ expiresAt }) => expiresAt + 10_000 < world.now);
  if (late.length > 0) problems.push(`has ${late.length} votes open beyond their time`);
  const who = `${device.name} (${short(device.memberId)}, of ${view.members.length} members, epoch ${view.epoch})`;
  return problems.map((problem) => ({ invariant: STUCK, detail: `${who} ${problem}` }));
}

/** Whether a promise is about how a run ends, rather than about what may never happen in it. */
export const isAboutAgreement = (invariant: string): boolean =>
  invariant === STUCK || COMPARED.some((compared) => compared.invariant === invariant);
