/** The doors of the journal folder. */
export { beginning, extend, genesis, type CommitFacts, type JournalChange } from './chain.ts';
