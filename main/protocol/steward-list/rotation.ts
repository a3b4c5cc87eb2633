/** Who of an installed list is in charge in an epoch (§12.4, §12.5). Pure; eligibility is handed in. */
import type { MemberId } from '../../../shared/model/ids.ts';
import type { Eligible, StewardList, StewardPositions, StewardRole } from './contract.ts';

/** Outside of the epochs electionEpoch .. electionEpoch + length - 1. Without a list: false (D-12). §12.4 */
export function isExhausted(list: StewardList | undefined, epoch: bigint): boolean {
  if (list === undefined) return false;
  return epoch < list.electionEpoch || epoch - list.electionEpoch >= BigInt(list.stewards.length);
}

/** The live pair: the first eligible from the epoch's slot on, then the first eligible other from the next slot on. §12.4 */
export function livePositions(list: StewardList | undefined, epoch: bigint, eligible: Eligible): StewardPositions {
  const epochSteward = walk(list, epoch, 0, eligible);
  if (epochSteward === undefined) return {};
  const backupSteward = walk(list, epoch, 1, (memberId) => memberId !== epochSteward && eligible(memberId));
  return backupSteward === undefined ? { epochSteward } : { epochSteward, backupSteward };
}

/** The slots of the epoch before anybody is filtered; with one steward both are the same. §12.4 */
export function nominalPositions(list: StewardList | undefined, epoch: bigint): StewardPositions {
  const epochSteward = walk(list, epoch, 0, () => true);
  const backupSteward = walk(list, epoch, 1, () => true);
  return epochSteward === undefined || backupSteward === undefined ? {} : { epochSteward, backupSteward };
}

/** The first eligible from index 0, also of an exhausted list. §12.4 */
export function electionProposer(list: StewardList | undefined, eligible: Eligible): MemberId | undefined {
  return list?.stewards.find(eligible);
}

/** §12.5 */
export function roleOf(
  list: StewardList | undefined,
  memberId: MemberId,
  epoch: bigint,
  eligible: Eligible,
): StewardRole {
  const { epochSteward, backupSteward } = livePositions(list, epoch, eligible);
  if (memberId === epochSteward) return 'epoch_steward';
  if (memberId === backupSteward) return 'backup_steward';
  return list?.stewards.includes(memberId) === true ? 'steward' : 'member';
}

/** The first eligible of all slots, beginning `offset` behind the epoch's; none when the list is exhausted. */
function walk(list: StewardList | undefined, epoch: bigint, offset: number, eligible: Eligible): MemberId | undefined {
  if (list === undefined || isExhausted(list, epoch)) return undefined;
  const { stewards } = list;
  const start = (Number(epoch - list.electionEpoch) + offset) % stewards.length;
  return [...stewards.slice(start), ...stewards.slice(0, start)].find(eligible);
}
