/** The doors of the consensus folder; everything else in it is private. */
export { certificateOf, certified, certifiedAmong } from './certificate.ts';
export { requiredVotes, SCOPE_PRESETS } from './config.ts';
export { decide } from './decision.ts';
export { createConsensus } from './consensus.ts';
export type * from './contract.ts';
export { ConsensusError, type ConsensusErrorCode } from './errors.ts';
export { ETHEREUM_SCHEME } from './ethereumScheme.ts';
export { checkVoteBinding, isSelfLeaveOf } from './proposal.ts';
export { validateVoteContent } from './vote.ts';
export { selfLeaveId } from './identifiers.ts';
export { decodeConsensusSnapshot, encodeConsensusSnapshot } from './snapshot.ts';
