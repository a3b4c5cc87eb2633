/**
 * What every MlsService must do (§7, main/protocol/mls/contract.ts), whatever it computes with. Call it inside a describe.
 * It uses nothing but the contract: a stand-in that passes may replace the real service in a simulation.
 */
import { describe } from 'vitest';
import { chatCompliance } from './mls-service-chat.ts';
import { commitCompliance } from './mls-service-commits.ts';
import { epochCompliance } from './mls-service-epochs.ts';
import { joiningCompliance } from './mls-service-joining.ts';
import { keyPackageCompliance } from './mls-service-key-packages.ts';
import { removalCompliance } from './mls-service-removal.ts';
import { stateCompliance } from './mls-service-state.ts';
import { peopleOf, type CreateMlsService } from './mls-service-world.ts';

export function mlsServiceCompliance(create: CreateMlsService): void {
  const person = peopleOf(create);
  describe('key packages', () => keyPackageCompliance(create, person));
  describe('joining', () => joiningCompliance(create, person));
  describe('chat', () => chatCompliance(person));
  describe('past and future epochs', () => epochCompliance(person));
  describe('commits', () => commitCompliance(create, person));
  describe('removals', () => removalCompliance(person));
  describe('the state', () => stateCompliance(create, person));
}
