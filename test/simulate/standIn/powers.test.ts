/** The powers that MLS denies are denied by the stand-in too, also to code that knows its inside; and no run sees another. */
import { beforeEach, describe, expect, it } from 'vitest';
import { follow, offer, peopleOf, removalOf, staged } from '../../compliance/mls-service-world.ts';
import { at, groupOf, NOW, receive, send, text, type Member } from '../../main/protocol/mls/support.ts';
import { decodeCommit, followingEpoch } from './changes.ts';
import { decodeFrame, type PrivateFrame } from './frames.ts';
import { contentOf } from './group.ts';
import { forgetStandInKeys, openSealed, registerDevice, SECRET_BYTES } from './keys.ts';
import { open, openSender, protect, signContent, signedContent } from './messages.ts';
import { handshakeKey, takeKey } from './schedule.ts';
import { createStandInMlsService } from './service.ts';

const person = peopleOf(createStandInMlsService);
let ada: Member;
let bob: Member;
let cyd: Member;

beforeEach(async () => {
  forgetStandInKeys();
  const members = await groupOf(['ada', 'bob', 'cyd'].map((name) => person(name)));
  [ada, bob, cyd] = [at(members, 0), at(members, 1), at(members, 2)];
});

function privateFrame(bytes: Uint8Array): PrivateFrame {
  const frame = decodeFrame(bytes, bytes.length);
  if (frame.kind !== 'private') throw new Error('no PrivateMessage');
  return frame;
}

/** A message that names `claimed` as sender, made by `maker` with all that it knows of the epoch. */
function forged(maker: Member, claimed: number, signer = maker): Uint8Array {
  const { public: state, epoch, application } = contentOf(maker.group);
  const taken = takeKey(at(application, claimed), 0);
  if (taken === undefined) throw new Error('no key');
  const content = text('in your name');
  return protect(maker.random, {
    context: state.context,
    contentType: 'application',
    senderDataSecret: epoch.secrets.senderData,
    key: taken.key,
    leafIndex: claimed,
    generation: 0,
    content,
    signature: signContent(signer.signatureKey, signedContent(state.context, 'application', claimed, content)),
  });
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Everything that a member would have in its store. */
function storedBy({ service, group }: Member): string {
  return Object.values(service.encodeParts(group)).map(hex).join('/');
}

describe('a hostile member', () => {
  it('cannot write in the name of another, though it has all keys of the epoch', async () => {
    expect(await cyd.service.decrypt(cyd.group, forged(bob, 1), NOW)).toMatchObject({
      kind: 'application',
      sender: bob.identity.memberId,
    });
    expect(await cyd.service.decrypt(cyd.group, forged(bob, 0, ada), NOW)).toMatchObject({
      sender: ada.identity.memberId, // With Ada's device key it works: so it is the signature that is missing.
    });
    await expect(cyd.service.decrypt(cyd.group, forged(bob, 0), NOW)).rejects.toMatchObject({
      message: 'Tampered: signature',
    });
  });

  it('cannot make others verify by a seed that does not belong to a public key', async () => {
    registerDevice({ signKey: bob.signatureKey.signKey, publicKey: ada.signatureKey.publicKey });
    await expect(cyd.service.decrypt(cyd.group, forged(bob, 0), NOW)).rejects.toMatchObject({
      message: 'Tampered: signature',
    });
    const [, genuine] = await send(ada, 'genuine');
    expect((await cyd.service.decrypt(cyd.group, genuine, NOW)).kind).toBe('application');
  });

  it('that is removed cannot compute the next epoch from anything it holds', async () => {
    const { candidate, won } = await offer(ada, [removalOf(bob)]);
    const before = contentOf(bob.group);
    const frame = privateFrame(candidate.commit);
    const sender = openSender(before.epoch.secrets.senderData, frame);
    const key = handshakeKey(before.epoch.secrets, sender.leafIndex, sender.generation);
    const leaf = before.public.leaves[sender.leafIndex];
    const opened = open(frame, before.public.context, sender, key, leaf?.signatureName ?? '');
    const { fresh, shares } = decodeCommit(opened.content);
    const { context, leaves } = contentOf(won.group).public; // Public, so the attacker may have it.
    const { hash } = before.public.context;
    const secretOf = (member: Member) => contentOf(member.group).epoch.privateKey;
    const authenticatorWith = (privateKey: Uint8Array, sealed: Uint8Array) =>
      followingEpoch(before, leaves, context, openSealed(privateKey, fresh, hash, sealed), privateKey).content.epoch
        .secrets.authenticator;
    const genuine = won.service.epochAuthenticator(won.group);
    expect(shares.map(({ leafIndex }) => leafIndex)).toEqual([2]);
    const share = at(shares, 0).sealed;
    expect(new Uint8Array(authenticatorWith(secretOf(cyd), share))).toEqual(genuine); // The attack works with Cyd's key
    const zeros = new Uint8Array(SECRET_BYTES);
    for (const guess of [secretOf(bob), zeros, bob.signatureKey.signKey])
      expect(new Uint8Array(authenticatorWith(guess, share))).not.toEqual(genuine); // and with none that Bob has.
  });

  it('finds in what a member stores after a commit nothing that opens it, nor the next one of the old epoch', async () => {
    const { candidate, won } = await offer(ada, [removalOf(cyd)]);
    const after = await follow(bob, candidate);
    const { init, handshake, exporter } = contentOf(bob.group).epoch.secrets;
    for (const member of [won, after])
      for (const old of [init, handshake, exporter]) expect(storedBy(member)).not.toContain(hex(old));
    expect(storedBy(ada)).toContain(hex(contentOf(ada.group).epoch.privateKey));
    expect(storedBy(won)).not.toContain(hex(contentOf(ada.group).epoch.privateKey));
  });

  it('finds no used message key in what another member stores', async () => {
    const used = hex(at(contentOf(bob.group).application, 0).secret);
    const [, ciphertext] = await send(ada, 'once');
    const { receiver } = await receive(bob, ciphertext);
    expect(storedBy(bob)).toContain(used);
    expect(storedBy(receiver)).not.toContain(used);
  });
});

describe('the keys that the stand-in looks up', () => {
  const run = async (): Promise<unknown> => {
    const members = await groupOf(['dan', 'eve', 'fay'].map((name) => person(name)));
    const { candidate, won } = await offer(at(members, 0), [removalOf(at(members, 2))]);
    const { next } = await staged(at(members, 1), candidate);
    return [candidate.commit, won.service.encodeParts(won.group), at(members, 1).service.encodeParts(next)];
  };

  it('do not show in the results: a run after others is byte for byte the run alone', async () => {
    const after = await run();
    forgetStandInKeys();
    expect(await run()).toEqual(after);
  });

  it('come back with the stored state: a member that starts again is sealed to as before', async () => {
    const parts = [ada, bob, cyd].map(({ service, group }) => service.encodeParts(group));
    forgetStandInKeys();
    const again = [ada, bob, cyd].map(({ identity, signatureKey, random }, index) => {
      const service = createStandInMlsService({ identity, signatureKey, random });
      return { identity, signatureKey, random, service, group: service.decodeParts(at(parts, index)) };
    });
    const { candidate, won } = await offer(at(again, 0), [removalOf(at(again, 2))]);
    const { next } = await staged(at(again, 1), candidate);
    expect(at(again, 1).service.epochAuthenticator(next)).toEqual(won.service.epochAuthenticator(won.group));
  });
});
