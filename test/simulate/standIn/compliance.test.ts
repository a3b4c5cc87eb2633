/** The stand-in keeps the contract of the real MlsService: that is what lets it stand in. */
import { describe } from 'vitest';
import { mlsServiceCompliance } from '../../compliance/mls-service.ts';
import { createStandInMlsService } from './service.ts';

describe('the stand-in MLS service', () => {
  mlsServiceCompliance(createStandInMlsService);
});
