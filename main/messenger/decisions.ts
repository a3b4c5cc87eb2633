/** Checking a change of members anew on this machine, and handing it to others as a file. */
import { DECISION_FILE_FORMAT, type DecisionFile } from '../../shared/api/decisionFile.ts';
import { ApiError } from '../../shared/api/errors.ts';
import { MAX_DECISION_FILE_BYTES, MAX_PAGE_SIZE } from '../../shared/limits.ts';
import type { ConversationId } from '../../shared/model/ids.ts';
import { decodeJournalRecord, WireError } from '../protocol/wire/index.ts';
import type { Handlers } from './contract.ts';
import { requireConversation, type UseCaseContext } from './context.ts';
import { checkDecision } from './decisionCheck.ts';
import type { Session } from './session.ts';

export function decisionHandlers(
  context: UseCaseContext,
): Pick<Handlers, 'governance.verify' | 'governance.exportDecision'> {
  return {
    'governance.verify': async ({ conversationId, commitHash }) => {
      const session = context.session();
      requireConversation(session, conversationId);
      const copy = { records: recordsUpTo(session, conversationId, commitHash), commitHash };
      const check = await checkDecision(copy, { nameOf: session.nameOf, breathe: () => context.clock.breathe?.() });
      if (check === undefined) throw unknownChange();
      return { check };
    },

    'governance.exportDecision': async ({ conversationId, commitHash }) => {
      const session = context.session();
      const { name } = requireConversation(session, conversationId);
      const records = recordsUpTo(session, conversationId, commitHash);
      const check = await checkDecision(
        { records, commitHash },
        { nameOf: session.nameOf, breathe: () => context.clock.breathe?.() },
      );
      if (check === undefined) throw unknownChange();
      const file: DecisionFile = {
        format: DECISION_FILE_FORMAT,
        version: 1,
        conversationId,
        conversationName: name,
        commitHash,
        names: namesIn(check),
        records: records.map((record) => Buffer.from(record).toString('base64')),
      };
      const content = JSON.stringify(file);
      if (content.length > MAX_DECISION_FILE_BYTES)
        throw new ApiError('TOO_LARGE', 'The journal of this group is too long for one file.', {
          limit: MAX_DECISION_FILE_BYTES,
        });
      return { fileName: `decision-${commitHash.slice(0, 8)}.json`, content };
    },
  };
}

const unknownChange = (): ApiError =>
  new ApiError('NOT_FOUND', 'The journal of this group on this computer has no such change.');

/** From where our copy begins to the change. Throws ApiError NOT_FOUND. */
function recordsUpTo(session: Session, conversationId: ConversationId, commitHash: string): readonly Uint8Array[] {
  const records: Uint8Array[] = [];
  for (let after: number | undefined; ;) {
    const page = session.storage.groupJournal.list(conversationId, {
      limit: MAX_PAGE_SIZE,
      ...(after === undefined ? {} : { after }),
    });
    for (const { record } of page) {
      records.push(record);
      if (hashIn(record) === commitHash) return records;
    }
    after = page.at(-1)?.epoch;
    if (after === undefined) throw unknownChange();
  }
}

/** Undefined too for what cannot be read any more: the check names it. */
function hashIn(record: Uint8Array): string | undefined {
  try {
    const decoded = decodeJournalRecord(record).record;
    return decoded.case === 'entry' ? Buffer.from(decoded.value.commitHash).toString('hex') : undefined;
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** Those that the file speaks of, as this person knows them. */
function namesIn(check: NonNullable<Awaited<ReturnType<typeof checkDecision>>>): DecisionFile['names'] {
  if (check.outcome === 'refuted') return [];
  const people = [
    ...check.beginning.members,
    check.committer,
    ...check.changes,
    ...check.decisions.flatMap(({ proposer, asked = [], votes }) => [proposer, ...asked, ...votes]),
  ];
  const names = new Map(people.flatMap(({ memberId, displayName }) => (displayName ? [[memberId, displayName]] : [])));
  return [...names].map(([memberId, name]) => ({ memberId, name }));
}
