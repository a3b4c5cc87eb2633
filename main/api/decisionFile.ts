/** Checking a decision that somebody handed over as a file, for a door that has no node. Trusts nothing in it. */
import { decisionFileSchema, type DecisionFile } from '../../shared/api/decisionFile.ts';
import type { DecisionCheck } from '../../shared/api/model.ts';
import { checkDecision } from '../messenger/decisionCheck.ts';

/** `check` is undefined when the journal in the file holds and has no such change; undefined when the text is no such file. */
export async function checkDecisionFile(
  text: string,
): Promise<{ readonly file: DecisionFile; readonly check: DecisionCheck | undefined } | undefined> {
  const parsed = decisionFileSchema.safeParse(jsonOf(text));
  if (!parsed.success) return undefined;
  const file = parsed.data;
  const names = new Map(file.names.map(({ memberId, name }) => [memberId, name]));
  const records = file.records.map((record) => new Uint8Array(Buffer.from(record, 'base64')));
  const { commitHash } = file;
  return { file, check: await checkDecision({ records, commitHash }, { nameOf: (memberId) => names.get(memberId) }) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not even JSON: no file of ours.
    return undefined;
  }
}
