/** The real MlsService keeps the contract that any other must keep. */
import { describe } from 'vitest';
import { createMlsService } from '../../../../main/protocol/mls/index.ts';
import { mlsServiceCompliance } from '../../../compliance/mls-service.ts';

describe('the MLS service on ts-mls', () => {
  mlsServiceCompliance(createMlsService);
});
