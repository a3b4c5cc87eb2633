/** A change of members is checked anew by those who kept its record, and by a stranger who was only handed a file. */
import { spawn } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DecisionFile } from '../../shared/api/decisionFile.ts';
import type { DecisionCheck } from '../../shared/api/model.ts';
import { MAX_DECISION_FILE_BYTES } from '../../shared/limits.ts';
import type { ConversationId } from '../../shared/model/ids.ts';
import { decodeJournalRecord, encodeJournalRecord } from '../../main/protocol/wire/index.ts';
import { bundle } from './client.ts';
import { agree, errorOf, groupOf, until, useHouse, type Person } from './support.ts';

const house = useHouse();

type Holds = DecisionCheck & { outcome: 'holds' };

/** `verify FILE`, with no profile: its exit code and what it said. */
async function verify(file: string): Promise<{ code: number | null; said: string }> {
  const runtime = process.env['ELECTRON_EXEC_PATH'] ?? process.execPath;
  const child = spawn(runtime, [bundle, 'verify', file], { env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said };
}

const commitOfRemoval = (person: Person, conversationId: ConversationId, target: Person): Promise<string> =>
  until([person], 'the line of the removal', async () => {
    const { entries } = await person.node.call('governance.log', { conversationId, limit: 200 });
    return entries.find(({ kind, target: whom }) => kind === 'left' && whom === target.memberId)?.commitHash;
  });

/** The same file with its last record changed. */
function withLast(file: DecisionFile, change: (record: ReturnType<typeof decodeJournalRecord>) => void): DecisionFile {
  const record = decodeJournalRecord(new Uint8Array(Buffer.from(file.records.at(-1)!, 'base64')));
  change(record);
  const changed = Buffer.from(encodeJournalRecord(record)).toString('base64');
  return { ...file, records: [...file.records.slice(0, -1), changed] };
}

describe('a decision', () => {
  it('is checked anew by every member, and by a stranger from a file that nobody can change unseen', async () => {
    const [ana, bo, cy] = await house.persons('Ana', 'Bo', 'Cy');
    const conversationId = await groupOf([ana, bo, cy]);
    const { proposalId } = await ana.node.call('member.remove', {
      conversationId,
      memberId: cy.memberId,
      reason: 'Gone',
    });
    await bo.node.waitForEvent('proposal.opened', ({ proposal }) => proposal.proposalId === proposalId);
    await bo.node.call('proposal.vote', { conversationId, proposalId: proposalId!, approve: true });
    await agree([ana, bo], conversationId, 2);

    const commitHash = await commitOfRemoval(ana, conversationId, cy);
    expect(await commitOfRemoval(bo, conversationId, cy)).toBe(commitHash);
    const checkOf = async (person: Person): Promise<Holds> => {
      const { check } = await person.node.call('governance.verify', { conversationId, commitHash });
      if (check.outcome !== 'holds') throw new Error(JSON.stringify(check));
      return check;
    };
    const check = await checkOf(ana);
    expect(check).toMatchObject({
      beginning: { isCreation: true, epoch: 0, members: [{ memberId: ana.memberId }] },
      checked: 3,
      epoch: 3,
      commitHash,
      members: 3,
      changes: [{ memberId: cy.memberId, displayName: 'Cy', removed: true }],
      decisions: [{ proposalId, by: 'votes', expected: 3, needed: 2, proposer: { memberId: ana.memberId } }],
      attested: [],
    });
    expect(check.decisions[0]!.asked!.map(({ memberId }) => memberId).sort()).toEqual(
      [ana, bo, cy].map(({ memberId }) => memberId).sort(),
    );
    const yes = check.decisions[0]!.votes.filter(({ approve }) => approve).map(({ displayName }) => displayName);
    expect(yes.sort()).toEqual(['Ana', 'Bo']);
    // Bo can vouch for what was since he came.
    expect(await checkOf(bo)).toMatchObject({ beginning: { isCreation: false, epoch: 1 }, checked: 2 });
    const unknown = { conversationId, commitHash: 'ab'.repeat(32) };
    expect((await errorOf(ana.node.call('governance.verify', unknown))).code).toBe('NOT_FOUND');
    expect((await errorOf(ana.node.call('governance.exportDecision', unknown))).code).toBe('NOT_FOUND');

    const { fileName, content } = await ana.node.call('governance.exportDecision', { conversationId, commitHash });
    const directory = house.directory();
    const path = join(directory, fileName);
    let written = 0;
    const verdictOn = async (text: string): Promise<{ code: number | null; said: string }> => {
      const place = join(directory, `${(written += 1)}.json`);
      writeFileSync(place, text);
      return verify(place);
    };
    const sound = await verdictOn(content);
    expect(sound).toEqual({ code: 0, said: expect.stringMatching(/^HOLDS\.\n/) as string });
    expect(sound.said).toContain(`Cy (${cy.memberId}) goes`);
    expect(sound.said).toMatch(/2 yes, 0 no, 1 silent of 3; 2 needed/);

    const file = JSON.parse(content) as DecisionFile;
    const forged = {
      'a vote turned around': withLast(file, ({ evidence }) => (evidence[0]!.proposal!.votes[0]!.vote = false)),
      'a vote taken out': withLast(file, ({ evidence }) => evidence[0]!.proposal!.votes.pop()),
      'no votes': withLast(file, ({ evidence }) => evidence.pop()),
      'a change left out': { ...file, records: file.records.toSpliced(1, 1) },
      'no beginning': { ...file, records: file.records.slice(1) },
      'another change': { ...file, commitHash: 'ab'.repeat(32) },
    };
    const verdicts = await Promise.all(Object.values(forged).map((other) => verdictOn(JSON.stringify(other))));
    for (const [index, what] of Object.keys(forged).entries())
      expect(verdicts[index], what).toEqual({ code: 4, said: expect.stringMatching(/^DOES NOT HOLD\./) as string });
    const named = { ...file, names: [{ memberId: cy.memberId, name: 'Cy\u202e\u001b[2J' }] };
    const shown = await verdictOn(JSON.stringify(named));
    expect(shown.code).toBe(0);
    expect(shown.said).not.toMatch(/[\u202e\u001b]/);
    const none = ['', 'nothing', '{"format":"conclave-decision"}', JSON.stringify({ ...file, more: 1 })];
    expect((await Promise.all(none.map(verdictOn))).map(({ code }) => code)).toEqual([1, 1, 1, 1]);
    writeFileSync(path, '');
    truncateSync(path, MAX_DECISION_FILE_BYTES + 1);
    expect((await verify(path)).code).toBe(1);
    expect((await verify(join(directory, 'none'))).code).toBe(1);
  });
});
