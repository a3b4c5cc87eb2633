/** What every ConsensusPlugin must do (§10 and H-1, H-2, H-3, H-18, H-20, H-22). Call it inside a describe. */
import { consensusAdmissionCompliance } from './consensusAdmission.ts';
import { consensusVotingCompliance } from './consensusVoting.ts';
import { consensusWorld } from './consensusWorld.ts';
import type { CreateConsensus } from './consensusWorld.ts';

/** The suite; `create` makes a plug-in with nothing in it, or with what the snapshot says. */
export function consensusCompliance(create: CreateConsensus): void {
  const world = consensusWorld(create);
  consensusAdmissionCompliance(world);
  consensusVotingCompliance(world);
}
