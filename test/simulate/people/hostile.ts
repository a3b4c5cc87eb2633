/** Every attack by name, and how it is carried out. Knows no defence. */
import type { Attack } from './attacks.ts';
import { publish, type Accomplice } from './accomplice.ts';
import * as commits from './commitAttacks.ts';
import * as joins from './joinAttacks.ts';
import * as voting from './votingAttacks.ts';

/** Says again what it heard. */
function replay({ dice, device, ether }: Accomplice): void {
  for (const packet of dice.some(device.heard, 5)) ether.publish(device, packet);
}

/** Bytes that mean nothing, or nearly something. */
function garbage(accomplice: Accomplice): void {
  const { dice, device } = accomplice;
  publish(accomplice, dice.pick(['app_msg', 'welcome']), dice.bytes(dice.whole(1, 300)));
  for (const { payload, subtopic } of dice.some(device.heard, 2)) {
    const bytes = payload.slice();
    const at = dice.whole(0, bytes.length - 1);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.whole(0, 7));
    publish(accomplice, subtopic, bytes);
  }
}

const carryOut: { readonly [name in Attack]: (accomplice: Accomplice) => Promise<void> | void } = {
  replay,
  garbage,
  flood: voting.flood,
  voteTwice: voting.voteTwice,
  voteAsOthers: voting.voteAsOthers,
  inventVoters: voting.inventVoters,
  wrongElectorate: voting.wrongElectorate,
  twoPayloads: voting.twoPayloads,
  squatSelfLeave: voting.squatSelfLeave,
  banRequest: voting.banRequest,
  bogusElection: voting.bogusElection,
  bogusEmergency: voting.bogusEmergency,
  unapprovedCommit: commits.unapprovedCommit,
  unapprovedJoin: commits.unapprovedJoin,
  forgedCertificate: commits.forgedCertificate,
  twoCandidates: commits.twoCandidates,
  forgedSteward: commits.forgedSteward,
  silence: commits.silence,
  withholdWelcomes: commits.withholdWelcomes,
  lyingBeacon: commits.lyingBeacon,
  rogueWelcome: joins.rogueWelcome,
  rogueSync: joins.rogueSync,
  rogueReset: joins.rogueReset,
};

/** Tries; what its own MLS refuses to make is simply not said. */
export async function attack(name: Attack, accomplice: Accomplice): Promise<boolean> {
  try {
    await carryOut[name](accomplice);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}
