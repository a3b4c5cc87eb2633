/** A member's copy of the group's journal as a stranger checks it. */
import { expect } from 'vitest';
import { verifyJournal, type JournalVerdict } from '../../../../main/protocol/journal/index.ts';
import type { Node, World } from './world.ts';

const recordsOf = (node: Node): Uint8Array[] =>
  [...node.groupJournal].sort(([a], [b]) => a - b).map(([, record]) => record);

/** The copy verifies, and ends at the head, the epoch and the members that the member itself has. */
export async function expectVerified(
  world: World,
  node: Node,
): Promise<JournalVerdict & { readonly kind: 'verified' }> {
  const verdict = await verifyJournal(recordsOf(node));
  if (verdict.kind !== 'verified') throw new Error(`${node.name}: ${JSON.stringify(verdict)}`);
  const view = world.view(node);
  expect(Buffer.from(verdict.head).toString('hex')).toBe(view.journalHead);
  expect(verdict.length).toBe(view.epoch);
  expect([...verdict.members].sort()).toEqual(view.members.map(({ memberId }) => memberId).sort());
  return verdict;
}
