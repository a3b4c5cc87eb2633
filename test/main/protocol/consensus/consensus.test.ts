/** The implementation passes the contract's suite. */
import { describe } from 'vitest';
import { createConsensus } from '../../../../main/protocol/consensus/index.ts';
import { consensusCompliance } from '../../../compliance/consensus.ts';

describe('consensus', () => {
  consensusCompliance(createConsensus);
});
