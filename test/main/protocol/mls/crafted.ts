/** Candidates that our own service refuses to make, built with the library below it: what a hostile member can send. */
import { createCommit } from 'ts-mls/createCommit.js';
import { createProposal } from 'ts-mls/createMessage.js';
import type { ClientState } from 'ts-mls/clientState.js';
import { encodeMlsMessage, decodeMlsMessage } from 'ts-mls/message.js';
import { unprotectPrivateMessage } from 'ts-mls/messageProtection.js';
import type { PrivateMessage } from 'ts-mls/privateMessage.js';
import { processPrivateMessage } from 'ts-mls/processMessages.js';
import type { Proposal } from 'ts-mls/proposal.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import { buildCommit } from '../../../../main/protocol/mls/commit.ts';
import type { CommitInput, RemoteCandidate } from '../../../../main/protocol/mls/index.ts';
import { CLIENT_CONFIG } from '../../../../main/protocol/mls/environment.ts';
import { contentOf, toClientState } from '../../../../main/protocol/mls/group.ts';
import { decodeKeyPackageBytes } from '../../../../main/protocol/mls/keyPackage.ts';
import { createCipherSuite } from '../../../../main/protocol/mls/provider/provider.ts';
import { seededRandom, type Member } from './support.ts';

export const suite = createCipherSuite(seededRandom('crafted'));

/** A library state whose own checks are off: whoever is hostile has removed them. */
export function stateOf(member: Member): ClientState {
  const state = toClientState(
    { identity: member.identity, signatureKey: member.signatureKey, suite },
    contentOf(member.group),
  );
  return { ...state, clientConfig: LENIENT };
}

export const LENIENT = {
  ...CLIENT_CONFIG,
  keyPackageEqualityConfig: { compareKeyPackages: () => false, compareKeyPackageToLeafNode: () => false },
  authService: { validateCredential: async () => true },
};

export function proposalOf(member: Member, update: CommitInput): Proposal {
  if (update.kind === 'add')
    return { proposalType: 'add', add: { keyPackage: decodeKeyPackageBytes(update.keyPackage) } };
  const removed =
    member.service.members(member.group).find(({ memberId }) => memberId === update.memberId)?.leafIndex ?? 999;
  return { proposalType: 'remove', remove: { removed } };
}

export interface Craft {
  readonly without?: 'path';
  /** Proposals that the commit carries itself. */
  readonly byValue?: readonly Proposal[];
  /** Sent with the candidate in addition. */
  readonly extra?: readonly Uint8Array[];
  readonly asPublicMessage?: boolean;
}

/** A candidate over any updates; with the library's own commit where ours has no such option. */
export async function commitOf(
  member: Member,
  updates: readonly CommitInput[],
  craft: Craft = {},
): Promise<RemoteCandidate> {
  return commitProposals(
    member,
    updates.map((update) => proposalOf(member, update)),
    craft,
  );
}

export async function commitProposals(
  member: Member,
  proposals: readonly Proposal[],
  craft: Craft = {},
): Promise<RemoteCandidate> {
  let state = stateOf(member);
  const sent: Uint8Array[] = [];
  for (const proposal of proposals) {
    const created = await createProposal(state, false, proposal, suite);
    sent.push(encodeMlsMessage(created.message));
    state = created.newState;
  }
  sent.push(...(craft.extra ?? []));
  if (craft.without === undefined && craft.byValue === undefined && craft.asPublicMessage === undefined)
    return { proposals: sent, commit: (await buildCommit(state, suite)).commit };
  const { commit } = await createCommit(
    { state, cipherSuite: suite },
    { extraProposals: [...(craft.byValue ?? [])], wireAsPublicMessage: craft.asPublicMessage ?? false },
  );
  return { proposals: sent, commit: encodeMlsMessage(commit) };
}

export function privateMessage(bytes: Uint8Array): PrivateMessage {
  const message = decodeMlsMessage(bytes, 0)?.[0];
  if (message?.wireformat !== 'mls_private_message') throw new Error('no private message');
  return message.privateMessage;
}

/** A candidate opened with the library alone. */
export async function openFrame(state: ClientState, proposals: readonly Uint8Array[], commit: Uint8Array) {
  let holding = state;
  for (const proposal of proposals)
    holding = (await processPrivateMessage(holding, privateMessage(proposal), emptyPskIndex, suite)).newState;
  const message = privateMessage(commit);
  const { content } = await unprotectPrivateMessage(
    holding.keySchedule.senderDataSecret,
    message,
    holding.secretTree,
    holding.ratchetTree,
    holding.groupContext,
    CLIENT_CONFIG.keyRetentionConfig,
    suite,
  );
  return { holding, message, content };
}
