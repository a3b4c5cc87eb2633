/**
 * A removed member cannot compute the next epoch. The attacker here knows all it ever knew (its whole state) and sees all
 * that is sent, and works through everything that RFC 9420 section 8 derives the next epoch from.
 *
 * The same attack is run against a commit of the library alone, where it must succeed: else this file would prove nothing.
 */
import { applyProposals, createGroup, joinGroup, nextEpochContext, type ClientState } from 'ts-mls/clientState.js';
import type { Commit } from 'ts-mls/commit.js';
import { createCommit } from 'ts-mls/createCommit.js';
import { createProposal } from 'ts-mls/createMessage.js';
import { decryptWithLabel } from 'ts-mls/crypto/hpke.js';
import { deriveSecret } from 'ts-mls/crypto/kdf.js';
import { encode } from 'ts-mls/codec/tlsEncoder.js';
import { groupContextEncoder } from 'ts-mls/groupContext.js';
import { generateKeyPackageWithKey } from 'ts-mls/keyPackage.js';
import { initializeEpoch } from 'ts-mls/keySchedule.js';
import { decodeMlsMessage, type MLSMessage } from 'ts-mls/message.js';
import { unprotectPrivateMessage } from 'ts-mls/messageProtection.js';
import { decryptSenderData } from 'ts-mls/privateMessage.js';
import { processPrivateMessage } from 'ts-mls/processMessages.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import { treeHashRoot } from 'ts-mls/treeHash.js';
import { toLeafIndex } from 'ts-mls/treemath.js';
import { applyUpdatePath } from 'ts-mls/updatePath.js';
import { describe, expect, it } from 'vitest';
import { CLIENT_CONFIG, type MlsEnvironment } from '../../../../main/protocol/mls/environment.ts';
import { contentOf, toClientState } from '../../../../main/protocol/mls/group.ts';
import { LEAF_CAPABILITIES } from '../../../../main/protocol/mls/leaf.ts';
import { createCipherSuite } from '../../../../main/protocol/mls/provider/provider.ts';
import {
  at,
  CONVERSATION,
  groupOf,
  letIn,
  NOW,
  person,
  receive,
  seededRandom,
  send,
  text,
  type Member,
} from './support.ts';

const suite = createCipherSuite(seededRandom('attacker'));

describe('a removed member', () => {
  it.each([
    { count: 2, by: 0, targets: [1] },
    { count: 2, by: 1, targets: [0] },
    { count: 3, by: 0, targets: [1] },
    { count: 3, by: 2, targets: [0, 1] },
    { count: 4, by: 3, targets: [0] },
    { count: 4, by: 2, targets: [0, 1] },
    { count: 8, by: 2, targets: [5] },
    { count: 8, by: 7, targets: [0, 1, 2, 3] },
    { count: 9, by: 0, targets: [8] },
  ])(
    'of $count, removed by leaf $by from among $targets, cannot compute the next epoch',
    async ({ count, by, targets }) => {
      const members = await groupOf(Array.from({ length: count }, (_, index) => person(`p${index}`)));
      const committer = at(members, by);
      const removals = targets.map((target) => ({
        kind: 'remove' as const,
        memberId: at(members, target).identity.memberId,
      }));
      const candidate = await committer.service.createCandidate(committer.group, removals, NOW);
      const authenticator = committer.service.epochAuthenticator(candidate.next);
      const exporter = contentOf(candidate.next).epoch.keySchedule.exporterSecret;
      for (const target of targets) {
        const known = await knowledge(
          stateOf(at(members, target)),
          candidate.proposals.map(frame),
          frame(candidate.commit),
        );
        expect(known.commit.path, 'the commit carries an update path').toBeDefined();
        const guesses = await attack(known);
        expect(guesses.length).toBeGreaterThan(0);
        for (const guess of guesses) {
          expect(guess.epochAuthenticator).not.toEqual(authenticator);
          expect(guess.exporterSecret).not.toEqual(exporter);
        }
        // All else that enters the next epoch was computed rightly by the attacker: only the commit secret is missing.
        expect(known.groupContext).toEqual(contentOf(candidate.next).public.groupContext);
      }
    },
  );

  it('would compute it for a pair if the library alone made the commit: so the attack works', async () => {
    const { ada, bob } = await libraryPair();
    const proposal = await createProposal(
      ada,
      false,
      { proposalType: 'remove', remove: { removed: bob.privatePath.leafIndex } },
      suite,
    );
    const { newState, commit } = await createCommit({ state: proposal.newState, cipherSuite: suite });
    const guesses = await attack(await knowledge(bob, [proposal.message], commit));
    expect(guesses.map((guess) => guess.epochAuthenticator)).toContainEqual(newState.keySchedule.epochAuthenticator);
  });

  it('is told so, has no next group, and reads nothing of the next epoch', async () => {
    const members = await groupOf([person('ada'), person('bob'), person('cyd')]);
    const [ada, bob, cyd] = [at(members, 0), at(members, 1), at(members, 2)];
    const candidate = await ada.service.createCandidate(
      ada.group,
      [{ kind: 'remove', memberId: bob.identity.memberId }],
      NOW,
    );
    expect(await bob.service.stageCandidate(bob.group, candidate, NOW)).toMatchObject({
      kind: 'staged',
      selfRemoved: true,
      next: undefined,
      committer: ada.identity.memberId,
    });
    const staged = await cyd.service.stageCandidate(cyd.group, candidate, NOW);
    if (staged.kind !== 'staged' || staged.next === undefined) throw new Error('not staged');
    expect(staged.selfRemoved).toBe(false);
    const after = { ...ada, group: ada.service.merge(candidate.base, candidate.next, NOW) };
    const [, ciphertext] = await send(after, 'without bob');
    expect(await bob.service.decrypt(bob.group, ciphertext, NOW)).toEqual({ kind: 'ignored', reason: 'futureEpoch' });
    await receive({ ...cyd, group: staged.next }, ciphertext);
  });

  it('of a pair does not follow into the group that its partner opens again', async () => {
    const [ada, bob] = await groupOf([person('ada'), person('bob')]).then(
      (members) => [at(members, 0), at(members, 1)] as const,
    );
    const candidate = await ada.service.createCandidate(
      ada.group,
      [{ kind: 'remove', memberId: bob.identity.memberId }],
      NOW,
    );
    const known = await knowledge(stateOf(bob), candidate.proposals.map(frame), frame(candidate.commit));
    const alone: Member = { ...ada, group: ada.service.merge(candidate.base, candidate.next, NOW) };
    const { candidate: reopened } = await letIn([alone], 0, [person('cyd')]);
    const message = privateMessage(frame(reopened.commit));
    const { senderDataSecret } = contentOf(alone.group).epoch.keySchedule;
    expect(await decryptSenderData(message, senderDataSecret, suite)).toMatchObject({ leafIndex: 0 });
    for (const guess of await attack(known))
      await expect(decryptSenderData(message, guess.senderDataSecret, suite)).rejects.toThrow();
  });
});

interface Knowledge {
  readonly state: ClientState;
  readonly commit: Commit;
  /** The public state of the next epoch, which the attacker may compute. */
  readonly groupContext: ClientState['groupContext'];
}

/** All that follows from the state before and from the messages. */
async function knowledge(
  state: ClientState,
  proposals: readonly MLSMessage[],
  commitMessage: MLSMessage,
): Promise<Knowledge> {
  let holding = state;
  for (const proposal of proposals)
    holding = (await processPrivateMessage(holding, privateMessage(proposal), emptyPskIndex, suite)).newState;
  const { content } = await unprotectPrivateMessage(
    holding.keySchedule.senderDataSecret,
    privateMessage(commitMessage),
    holding.secretTree,
    holding.ratchetTree,
    holding.groupContext,
    CLIENT_CONFIG.keyRetentionConfig,
    suite,
  );
  if (
    content.content.contentType !== 'commit' ||
    content.auth.contentType !== 'commit' ||
    content.content.sender.senderType !== 'member'
  )
    throw new Error('no commit');
  const committer = toLeafIndex(content.content.sender.leafIndex);
  const { commit } = content.content;
  const applied = await applyProposals(holding, commit.proposals, committer, emptyPskIndex, false, suite);
  const tree =
    commit.path === undefined ? applied.tree : await applyUpdatePath(applied.tree, committer, commit.path, suite.hash);
  const treeHash = await treeHashRoot(tree, suite.hash);
  const groupContext = await nextEpochContext(
    state.groupContext,
    'mls_private_message',
    content.content,
    content.auth.signature,
    treeHash,
    state.confirmationTag,
    suite.hash,
  );
  return { state: holding, commit, groupContext };
}

/** Every next key schedule that can be reached: no commit secret, and each ciphertext of the path with each key ever held. */
async function attack({ state, commit, groupContext }: Knowledge) {
  const zeros = new Uint8Array(suite.kdf.size);
  const commitSecrets: Uint8Array[] = [zeros];
  const context = encode(groupContextEncoder)({
    ...groupContext,
    confirmedTranscriptHash: state.groupContext.confirmedTranscriptHash,
  });
  for (const raw of Object.values(state.privatePath.privateKeys)) {
    const key = await suite.hpke.importPrivateKey(raw);
    for (const { kemOutput, ciphertext } of commit.path?.nodes.flatMap((node) => node.encryptedPathSecret) ?? []) {
      let secret: Uint8Array | undefined = await decryptWithLabel(
        key,
        'UpdatePathNode',
        context,
        kemOutput,
        ciphertext,
        suite.hpke,
      ).catch(() => undefined);
      for (let level = 0; secret !== undefined && level < 10; level++)
        commitSecrets.push((secret = await deriveSecret(secret, 'path', suite.kdf)));
    }
  }
  return Promise.all(
    commitSecrets.map(
      async (commitSecret) =>
        (await initializeEpoch(state.keySchedule.initSecret, commitSecret, groupContext, zeros, suite.kdf)).keySchedule,
    ),
  );
}

/** The library without us: a group of two whose member was let in as usual. */
async function libraryPair(): Promise<{ ada: ClientState; bob: ClientState }> {
  const member = (name: string) => {
    const lifetime = { notBefore: 0n, notAfter: 2n ** 62n };
    const signatureKey = person(name).signatureKey;
    return generateKeyPackageWithKey(
      { credentialType: 'basic', identity: text(name) },
      LEAF_CAPABILITIES,
      lifetime,
      [],
      signatureKey,
      suite,
    );
  };
  const [first, second] = [await member('ada'), await member('bob')];
  const config = { ...CLIENT_CONFIG, authService: { validateCredential: async () => true } };
  const alone = await createGroup(text(CONVERSATION), first.publicPackage, first.privatePackage, [], suite, config);
  const extraProposals = [{ proposalType: 'add' as const, add: { keyPackage: second.publicPackage } }];
  const { newState: ada, welcome } = await createCommit(
    { state: alone, cipherSuite: suite },
    { extraProposals, ratchetTreeExtension: true },
  );
  if (welcome === undefined) throw new Error('no welcome');
  const bob = await joinGroup(
    welcome,
    second.publicPackage,
    second.privatePackage,
    emptyPskIndex,
    suite,
    undefined,
    undefined,
    config,
  );
  return { ada, bob };
}

function stateOf(member: Member): ClientState {
  const environment: MlsEnvironment = { identity: member.identity, signatureKey: member.signatureKey, suite };
  return toClientState(environment, contentOf(member.group));
}

function frame(bytes: Uint8Array): MLSMessage {
  const decoded = decodeMlsMessage(bytes, 0);
  if (decoded === undefined) throw new Error('no message');
  return decoded[0];
}

function privateMessage(message: MLSMessage) {
  if (message.wireformat !== 'mls_private_message') throw new Error('no private message');
  return message.privateMessage;
}
