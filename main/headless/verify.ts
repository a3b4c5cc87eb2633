/** `verify FILE`: checks an exported decision with no profile and no network, and says in words what was found. */
import { open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import type { DecisionFile } from '../../shared/api/decisionFile.ts';
import type { DecisionCheck } from '../../shared/api/model.ts';
import { MAX_DECISION_FILE_BYTES } from '../../shared/limits.ts';
import { checkDecisionFile } from '../api/decisionFile.ts';

const HOLDS = 0;
const UNREADABLE = 1;
const REFUTED = 4;

/** Writes the findings to `output`; answers with the exit code. Whoever handed the file over is not trusted in anything. */
export async function verifyFile(path: string, output: Writable): Promise<number> {
  const read = await readFile(path);
  if ('problem' in read) {
    await say(output, read.problem);
    return UNREADABLE;
  }
  const found = await checkDecisionFile(read.text);
  if (found === undefined) {
    await say(output, 'This file is no exported decision of Conclave.');
    return UNREADABLE;
  }
  const { file, check } = found;
  await say(output, check === undefined ? missing(file) : describe(check, file));
  return check?.outcome === 'holds' ? HOLDS : REFUTED;
}

async function readFile(path: string): Promise<{ readonly text: string } | { readonly problem: string }> {
  try {
    const handle = await open(path, 'r');
    try {
      const { size } = await handle.stat();
      if (size > MAX_DECISION_FILE_BYTES)
        return { problem: `This file is larger than ${MAX_DECISION_FILE_BYTES} bytes.` };
      return { text: await handle.readFile('utf8') };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error)
      return { problem: `This file cannot be read: ${String(error.code)}.` };
    throw error;
  }
}

const say = (output: Writable, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    output.write(`${text}\n`, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });

const missing = ({ commitHash }: DecisionFile): string =>
  `DOES NOT HOLD. The journal in this file has no change ${commitHash}.`;

function describe(check: DecisionCheck, file: DecisionFile): string {
  if (check.outcome === 'refuted') {
    const whose = check.member === undefined ? '' : ` (${named(check.member)})`;
    return `DOES NOT HOLD. Record ${check.record} of this file is wrong: ${check.fault}${whose}.`;
  }
  const { beginning } = check;
  const start = beginning.isCreation
    ? `the creation of the group by ${beginning.members.map(named).join(', ')}`
    : `change ${beginning.epoch}, when these were its members, which this file cannot prove: ${beginning.members.map(named).join(', ')}`;
  return [
    'HOLDS.',
    `Group: ${file.conversationId} (called “${printable(file.conversationName)}” by whoever made this file; names are not signed)`,
    `Change ${check.epoch}: ${check.changes.map(changed).join('; ')}`,
    `Commit: ${check.commitHash}, written by ${named(check.committer)}`,
    ...check.decisions.flatMap(decision),
    ...check.attested.map(
      (change) =>
        `No votes in this file for: ${changed(change)}. Two thirds of the ${check.members} members signed that it was carried out.`,
    ),
    `Checked ${check.checked} changes in one chain, from ${start}.`,
  ].join('\n');
}

type Holds = DecisionCheck & { readonly outcome: 'holds' };

const changed = (change: Holds['changes'][number]): string => `${named(change)} ${change.removed ? 'goes' : 'comes'}`;

function decision(found: Holds['decisions'][number]): string[] {
  const yes = found.votes.filter(({ approve }) => approve).length;
  const no = found.votes.length - yes;
  const silent = found.expected - found.votes.length;
  const count = `${yes} yes, ${no} no, ${silent} silent of ${found.expected}; ${found.needed} needed`;
  const rule =
    found.by === 'selfLeave'
      ? 'signed by whoever goes: nobody else is asked'
      : found.by === 'votes'
        ? `enough signed votes: ${count}`
        : `the window closed at ${at(found.closesAt)}: ${count}; silence counts as ${found.silenceCountsAsYes ? 'yes' : 'no'}`;
  return [
    `Decision ${found.proposalId} on ${found.covers.map(changed).join('; ')}: asked by ${named(found.proposer)} at ${at(found.openedAt)}; ${rule}`,
    ...(found.asked === undefined ? ['  Who was asked is not known here, only how many.'] : []),
    ...found.votes.map((vote) => `  ${vote.approve ? 'yes' : 'no '}  ${named(vote)}  signed at ${at(vote.at)}`),
  ];
}

const at = (time: number): string => new Date(time).toISOString();

/** A name is anybody's text: nothing of it may move the cursor or turn the line around. */
const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{fffd}');

const named = ({ memberId, displayName }: Holds['committer']): string =>
  displayName === undefined ? memberId : `${printable(displayName)} (${memberId})`;
