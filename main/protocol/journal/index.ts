/** The doors of the journal folder. */
export { attestedBytes } from './attested.ts';
export { beginning, extend, genesis, type CommitFacts, type JournalChange } from './chain.ts';
export { keyPackageReference } from './coverage.ts';
export { verifyDecision, type DecisionFault, type DecisionVerdict } from './decision.ts';
export {
  verifyJournal,
  type CheckedBeginning,
  type CheckedCommit,
  type JournalFault,
  type JournalVerdict,
  type VerifyOptions,
} from './verify.ts';
