/**
 * The limits of acknowledgements as they travel, alone or along with a message (architecture 5). Knows sizes, not whose they are.
 */
import {
  ACKNOWLEDGEMENT_KEY_BYTES,
  MAX_ACKNOWLEDGED_RUNS,
  MAX_ACKNOWLEDGED_STRETCHES,
  MAX_ASKED_MEMBERS,
  RUN_BYTES,
} from '../../../shared/limits.ts';
import { atMostBytes, atMostItems, identityList } from './checks.ts';
import type { Acknowledgements } from './generated/de_mls/messages/v1/messages_pb.js';

export function checkAcknowledgements({ entries, said }: Acknowledgements): void {
  atMostItems('entries', entries, MAX_ACKNOWLEDGED_RUNS);
  for (const { key, lengths } of entries) {
    atMostBytes('key', key, ACKNOWLEDGEMENT_KEY_BYTES);
    atMostItems('lengths', lengths, 2 * MAX_ACKNOWLEDGED_STRETCHES + 1);
  }
  if (said === undefined) return;
  atMostBytes('run', said.run, RUN_BYTES);
  identityList('asked', said.asked, MAX_ASKED_MEMBERS);
}
