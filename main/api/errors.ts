/**
 * From whatever a use case rejected with to a row of the App API's table of errors. Knows the organs' errors by their
 * codes, never by their classes, since those live below the messenger.
 */
import { ApiError, type ErrorCode } from '../../shared/api/errors.ts';
import type { Logger } from '../messenger/contract.ts';

/** Codes that storage, network and keychain share with the App API; their messages are sentences for a person. */
const organCodes = ['KEYCHAIN_UNAVAILABLE', 'STORAGE', 'NETWORK', 'TOO_LARGE'] as const satisfies readonly ErrorCode[];

/** What the protocol's refusals mean to a caller. Codes that are missing here are bugs if they ever get this far. */
const protocolCodes: ReadonlyMap<string, readonly [ErrorCode, string]> = new Map([
  ['ConversationAlreadyExists', ['ALREADY_EXISTS', 'You are already in this group, or waiting to be let in.']],
  ['ConversationNotFound', ['NOT_FOUND', 'There is no such group.']],
  ['ConversationBlocked', ['WRONG_STATE', 'The group is settling a change. Try again in a moment.']],
  ['PartialFreeze', ['WRONG_STATE', 'The group is settling a change. Try again in a moment.']],
  ['UserAlreadyVoted', ['NOT_ALLOWED', 'You have already voted.']],
  ['SessionNotFound', ['NOT_FOUND', 'There is no such vote.']],
  ['SessionNotActive', ['WRONG_STATE', 'This vote is already decided.']],
  ['InvalidConfig', ['INVALID_PARAMS', 'These rules do not fit together.']],
  ['NotAMember', ['NOT_FOUND', 'There is no such member in this group.']],
  ['CannotRemoveSelf', ['NOT_ALLOWED', 'To go yourself, leave the group instead.']],
  ['AlreadyProposed', ['ALREADY_EXISTS', 'There is already a vote on removing this member.']],
  ['TextTooLarge', ['TOO_LARGE', 'This message is too long.']],
  [
    'TooMuchQueued',
    ['WRONG_STATE', 'Too many messages wait already. Try again when the group has settled its change.'],
  ],
  ['TooManyProposals', ['NOT_ALLOWED', 'Too many votes are open. Wait until one of them is decided.']],
  ['InvalidPrivateKey', ['INVALID_PARAMS', 'This is not a private key: 64 hexadecimal digits are needed.']],
  ['InvalidMemberId', ['INVALID_PARAMS', 'This is not a member id.']],
  ['DamagedState', ['STORAGE', 'What is stored of a group is damaged. It was left as it is.']],
  ['GroupFull', ['NOT_ALLOWED', 'This group is full.']],
  ['MAILBOX_FULL', ['WRONG_STATE', 'This group is busy. Try again in a moment.']],
]);

interface CodedError extends Error {
  readonly code: string;
}

function isCoded(error: unknown): error is CodedError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

/** The error that the caller of `method` sees. What is not known becomes INTERNAL and is logged with its stack. */
export function toApiError(error: unknown, method: string, logger: Logger): ApiError {
  const known = knownError(error);
  if (known !== undefined) {
    logger.debug({ method, code: known.code, error }, 'a call was refused');
    return known;
  }
  logger.error({ method, error }, 'a call failed by a bug');
  return new ApiError('INTERNAL', 'Something went wrong inside Conclave. The log has the details.');
}

function knownError(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error.code === 'INTERNAL' ? undefined : error;
  if (!isCoded(error)) return undefined;
  if (error.code === 'INVALID_INVITE') return new ApiError('INVALID_INVITE', inviteSentence(error));
  const organCode = organCodes.find((code) => code === error.code);
  if (organCode !== undefined) return new ApiError(organCode, error.message, limitOf(error));
  const row = protocolCodes.get(error.code);
  if (row === undefined) return undefined;
  const [code, message] = row;
  return new ApiError(code, message, { ...limitOf(error), ...stateOf(error) });
}

function inviteSentence(error: CodedError): string {
  const reason = 'reason' in error && typeof error.reason === 'string' ? ` (${error.reason})` : '';
  return `This invite link cannot be used${reason}.`;
}

/** The limit that an organ names, on the error itself or in its data. */
function limitOf(error: Error): { readonly limit?: number } {
  const holder = 'limit' in error ? error : 'data' in error ? error.data : undefined;
  if (typeof holder !== 'object' || holder === null || !('limit' in holder)) return {};
  return typeof holder.limit === 'number' ? { limit: holder.limit } : {};
}

function stateOf(error: Error): { readonly state?: string } {
  return 'state' in error && typeof error.state === 'string' ? { state: error.state } : {};
}
