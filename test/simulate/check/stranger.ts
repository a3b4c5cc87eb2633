/**
 * What a stranger finds who is handed the journals of all honest members: the longest copy of each branch has to verify, with whatever
 * evidence any of them kept. Knows no state.
 */
import type { ConversationId } from '../../../shared/model/ids.ts';
import { verifyJournal } from '../../../main/protocol/journal/index.ts';
import { decodeJournalRecord, encodeJournalRecord } from '../../../main/protocol/wire/index.ts';
import type { Device } from '../world/device.ts';

interface Copy {
  readonly device: Device;
  readonly records: readonly Uint8Array[];
}

/** The record without what proves it: equal at all members. */
const factsOf = (record: Uint8Array): string =>
  Buffer.from(encodeJournalRecord({ ...decodeJournalRecord(record), evidence: [], attestations: [] })).toString(
    'base64',
  );

const evidenceOf = (record: Uint8Array): number => decodeJournalRecord(record).evidence.length;

/** The record of each commit with the most evidence that any member kept. */
function bestRecords(copies: readonly Copy[]): ReadonlyMap<string, Uint8Array> {
  const best = new Map<string, Uint8Array>();
  for (const record of copies.flatMap(({ records }) => records)) {
    const facts = factsOf(record);
    const known = best.get(facts);
    if (known === undefined || evidenceOf(known) < evidenceOf(record)) best.set(facts, record);
  }
  return best;
}

/** What a stranger would object to, for each honest member's journal; empty when all verify. */
export async function strangerObjections(
  devices: readonly Device[],
  conversationId: ConversationId,
): Promise<string[]> {
  const copies = devices.flatMap((device): Copy[] => {
    const rows = device.disk.shelves.get(conversationId)?.groupJournal;
    if (rows === undefined || rows.size === 0) return [];
    const inOrder = [...rows.values()].sort((left, right) => left.epoch - right.epoch);
    return [{ device, records: inOrder.map(({ record }) => record) }];
  });
  const best = bestRecords(copies);
  const objections: string[] = [];
  for (const { device, records } of copies) {
    const mls = device.process?.mls;
    if (mls === undefined) continue;
    const verdict = await verifyJournal(
      records.map((record) => best.get(factsOf(record)) ?? record),
      { referenceOf: (keyPackage) => mls.keyPackageReferenceOf(keyPackage) },
    );
    if (verdict.kind === 'refuted')
      objections.push(`${device.name}, record ${verdict.index} of ${records.length}: ${JSON.stringify(verdict.fault)}`);
  }
  return objections;
}
