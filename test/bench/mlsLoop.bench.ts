/**
 * How long steps hold the event loop, with real MLS and real wallets, without and with the breaths of the machine's clock: every
 * step of a conversation of sixty-two (Ana and Bo are run; the others joined for real and are silent since), and what a step
 * of a hundred-member group has MLS and a certificate of votes do. Nothing here is asserted: the machine may be busy.
 */
import { createHash } from 'node:crypto';
import { describe, it, vi } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import type { Breather } from '../../main/protocol/breather.ts';
import { certificateOf, certified, createConsensus, ETHEREUM_SCHEME } from '../../main/protocol/consensus/index.ts';
import type { State } from '../../main/protocol/conversation/index.ts';
import { createIdentity } from '../../main/protocol/identity/index.ts';
import { createMlsService, generateDeviceSignatureKey } from '../../main/protocol/mls/index.ts';
import { createUser, type User } from '../../main/protocol/user/index.ts';
import { seededRandom, World, type Node } from '../main/protocol/support/world.ts';
import { milliseconds, printTable } from './measure.ts';
import { CONVERSATION, joinerWithKeyPackage, pairIn, random, type Member } from './mlsOurs.ts';

/** Members of the MLS groups and of the electorate. */
const MEMBERS = 100;
/** Members of the conversation: as many as one person can let in alone, one decision each. */
const PEOPLE = 62;
/** As many announcements as the group looks at in a minute, and fewer. */
const JOINING_AT_ONCE = 20;
const MINUTE_MS = 60_000;
/** The largest candidate. */
const BATCH = 50;
/** The longest hold that a step may have: issue 3, section 4. */
const BUDGET_MS = 50;

interface Hold {
  /** As a clock on the wall sees it: with whatever else the machine did meanwhile. */
  readonly wall: number;
  /** What this thread itself computed. */
  readonly cpu: number;
  /** The whole step, turns included. */
  readonly total: number;
}

/** Runs `work` while the event loop turns as often as it can, and tells the longest time that it could not. */
async function held<Value>(work: () => Promise<Value>): Promise<[Value, Hold]> {
  const cpuNow = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  await new Promise((resolve) => setImmediate(resolve));
  const startedAt = performance.now();
  let [wall, cpu] = [0, 0];
  let [lastWall, lastCpu] = [startedAt, cpuNow()];
  let running = true;
  const look = (): void => {
    const [nowWall, nowCpu] = [performance.now(), cpuNow()];
    wall = Math.max(wall, nowWall - lastWall);
    cpu = Math.max(cpu, nowCpu - lastCpu);
    [lastWall, lastCpu] = [nowWall, nowCpu];
  };
  const turn = (): void => {
    if (!running) return;
    look();
    setImmediate(turn);
  };
  setImmediate(turn);
  const value = await work();
  running = false;
  look();
  return [value, { wall, cpu, total: performance.now() - startedAt }];
}

type Holds = Map<string, Hold>;

function note(holds: Holds, label: string, hold: Hold): void {
  const known = holds.get(label);
  if (known === undefined || hold.cpu > known.cpu) holds.set(label, hold);
}

/** The same user, each of whose steps is timed under a name that says what it was about. */
function timedUser(user: User<State>, name: string, holds: Holds): User<State> {
  return {
    ...user,
    async step(conversationId, input, now) {
      const before = user.view(conversationId)?.phase ?? 'none';
      const [step, hold] = await held(() => user.step(conversationId, input, now));
      const after = step.after === undefined ? 'none' : user.viewOf(step.after).phase;
      const what = input.kind === 'packet' ? `packet ${input.subtopic}` : input.kind;
      note(holds, `${name}: ${what}, ${before === after ? before : `${before} to ${after}`}`, hold);
      return step;
    },
  };
}

/** Goes on from what the node stored, with a user that is timed. */
async function takeOver(world: World, node: Node, holds: Holds, breathe: Breather | undefined) {
  const { identity, random } = node;
  // The device key is the first thing that a node draws.
  const signatureKey = generateDeviceSignatureKey(seededRandom(`${SEED}/${node.name}`));
  const breaths = breathe === undefined ? {} : { breathe };
  const mls = createMlsService({ identity, signatureKey, random, ...breaths });
  const user = createUser({ identity, mls, random, displayName: node.name, ...breaths });
  for (const [conversationId, { parts, scores }] of node.stored) {
    const [wakeAt, hold] = await held(async () => {
      await Promise.resolve();
      return user.restore({ conversationId, parts, scores: [...scores] }, world.now);
    });
    note(holds, `${node.name}: restore`, hold);
    node.wakeAt = wakeAt;
  }
  node.user = timedUser(user, node.name, holds);
}

const SEED = 'a hundred';

/** Ana, Bo and sixty people who joined and went quiet. */
async function largeGroup() {
  const world = new World({ seed: SEED });
  const [ana, bo] = [world.node('Ana'), world.node('Bo')];
  await world.create(ana, {
    commitInactivityMs: 8 * MINUTE_MS,
    freezeMs: 2_000,
    recoveryInactivityMs: 5_000,
    stewardsMax: 64,
    pendingUpdateMaxEpochs: 20,
    consensusTimeoutMs: MINUTE_MS,
    removalLivenessCriteriaYes: true,
  });
  const open = new Set(['Ana', 'Bo']);
  world.delivery = ({ from }, to) => ((to === 'Ana' && open.has(from)) || (to === 'Bo' && from === 'Ana') ? [5] : []);
  await world.join(bo, world.invite(ana));
  for (let count = 2; count < PEOPLE; count += JOINING_AT_ONCE) {
    const names = Array.from({ length: Math.min(JOINING_AT_ONCE, PEOPLE - count) }, (_, index) => `P${count + index}`);
    for (const name of names) {
      open.add(name);
      const node = world.node(name);
      await world.join(node, world.invite(ana));
      node.wakeAt = undefined;
    }
    await world.run(MINUTE_MS);
    for (const name of names) open.delete(name);
  }
  for (let minute = 0; world.view(ana).members.length < PEOPLE; minute += 1) {
    if (minute > 30) throw new Error(`only ${String(world.view(ana).members.length)} members`);
    await world.run(MINUTE_MS);
  }
  return { world, ana, bo };
}

async function measure(breathe: Breather | undefined): Promise<Holds> {
  const holds: Holds = new Map();
  const { world, ana, bo } = await largeGroup();
  await takeOver(world, ana, holds, breathe);
  await takeOver(world, bo, holds, breathe);
  for (let count = 0; count < 5; count += 1) await world.say(ana, `message ${String(count)}`);
  await world.run(1_000);
  // A removal, from the proposal to the commit.
  const quiet = world.nodes.get('P10') ?? bo;
  await world.input(ana, { kind: 'removeMember', memberId: quiet.memberId });
  await world.run(30 * MINUTE_MS);
  await operations(holds, breathe);
  await certificate(holds, breathe);
  return holds;
}

/** What MLS itself does for the steps of a hundred-member group, the costly shape: nobody but the founder ever committed. */
async function operations(holds: Holds, breathe: Breather | undefined): Promise<void> {
  const now = Date.now();
  const { first, second } = await pairIn(MEMBERS - BATCH, 'one committer', now);
  const breaths = breathe === undefined ? {} : { breathe };
  const serviceOf = ({ identity, signatureKey }: Pick<Member, 'identity' | 'signatureKey'>, doors = createMlsService) =>
    doors({ identity, signatureKey, random, ...breaths });
  const joiners = await Promise.all(Array.from({ length: BATCH }, () => joinerWithKeyPackage(now)));
  vi.resetModules(); // Nobody has seen the joiners' wallets yet.
  const { createMlsService: fresh } = await import('../../main/protocol/mls/index.ts');
  const [ana, bo] = [serviceOf(first, fresh), serviceOf(second, fresh)];
  const [anas, bos] = [
    ana.decodeParts(first.service.encodeParts(first.group)),
    bo.decodeParts(second.service.encodeParts(second.group)),
  ];
  const updates = joiners.map(({ keyPackage }) => ({ kind: 'add' as const, keyPackage: keyPackage.keyPackage }));
  const [candidate, made] = await held(() => ana.createCandidate(anas, updates, now));
  note(holds, `MLS: candidate with ${String(BATCH)} joiners`, made);
  vi.resetModules();
  const { createMlsService: other } = await import('../../main/protocol/mls/index.ts');
  const receiver = serviceOf(second, other);
  const at = receiver.decodeParts(bo.encodeParts(bos));
  const [staged, checked] = await held(() => receiver.stageCandidate(at, candidate, now));
  if (staged.kind !== 'staged') throw new Error('the candidate was good');
  note(holds, `MLS: staging ${String(BATCH)} joiners, nobody known`, checked);
  const [joiner] = joiners;
  if (joiner === undefined || candidate.welcome === undefined) throw new Error('nobody joins');
  vi.resetModules();
  const { createMlsService: newest } = await import('../../main/protocol/mls/index.ts');
  const input = { conversationId: CONVERSATION, welcome: candidate.welcome, keyPackage: joiner.keyPackage, now };
  const [joined, took] = await held(() => serviceOf(joiner, newest).join(input));
  if (joined.kind !== 'joined') throw new Error('the welcome was good');
  note(holds, `MLS: joining ${String(MEMBERS)} members, nobody known`, took);
  const group = ana.merge(candidate.base, candidate.next, now);
  const memberId = joiner.identity.memberId;
  const [, removed] = await held(() => ana.createCandidate(group, [{ kind: 'remove', memberId }], now));
  note(holds, `MLS: candidate that removes one of ${String(MEMBERS)}`, removed);
  const [parts, encoded] = await held(async () => {
    await Promise.resolve();
    return ana.encodeParts(group);
  });
  note(holds, `MLS: encoding ${String(MEMBERS)} members`, encoded);
  const [, decoded] = await held(async () => {
    await Promise.resolve();
    return ana.decodeParts(parts);
  });
  note(holds, `MLS: decoding ${String(MEMBERS)} members`, decoded);
}

/** A decision of a hundred people, proven to somebody who missed the vote. */
async function certificate(holds: Holds, breathe: Breather | undefined): Promise<void> {
  const draws = seededRandom('certificate');
  const wallets = Array.from({ length: MEMBERS }, (_, index) =>
    createIdentity(
      createHash('sha256')
        .update(`voter ${String(index)}`)
        .digest(),
    ),
  );
  const roster = wallets.map(({ memberId }) => memberId);
  const now = Date.UTC(2026, 4, 1);
  const context = { roster, epoch: 1n, now, window: { timeoutMs: MINUTE_MS } };
  const [own, ...others] = wallets.map((signer) => createConsensus({ signer, random: draws, scheme: ETHEREUM_SCHEME }));
  const [owner] = roster;
  if (own === undefined || owner === undefined) throw new Error('nobody votes');
  const request = { payload: Uint8Array.of(1), expirySeconds: 600, livenessCriteriaYes: true, ownVote: true };
  const { proposal, proposalId } = own.openProposal({ ...context, ...request });
  for (const [index, other] of others.slice(0, 70).entries()) {
    other.processProposal(proposal, { ...context, sender: owner });
    const { vote } = other.castVote(proposalId, true, now + 1000);
    const sender = roster[index + 1] ?? owner;
    const [, hold] = await held(async () => {
      await Promise.resolve();
      return own.processVote(vote, { ...context, sender, now: now + 1000 });
    });
    note(holds, 'a vote in a session of a hundred', hold);
  }
  const session = own.session(proposalId);
  const proof = session === undefined ? undefined : certificateOf(session);
  if (proof === undefined) throw new Error('no certificate');
  const [proven, hold] = await held(() => certified(proof, roster, ETHEREUM_SCHEME, breathe));
  if (proven === undefined) throw new Error('the certificate is good');
  note(holds, 'a certificate of a hundred members', hold);
}

describe('the event loop in a group of a hundred', () => {
  it('prints the longest hold of each kind of step, without and with breaths', async () => {
    const without = await measure(undefined);
    const withBreaths = await measure(() => systemClock.breathe?.());
    const show = (hold: Hold | undefined): string[] =>
      hold === undefined ? ['-', '-', '-'] : [hold.cpu, hold.wall, hold.total].map(milliseconds);
    const labels = [...new Set([...without.keys(), ...withBreaths.keys()])];
    printTable(
      `Longest hold of the event loop, conversation of ${String(PEOPLE)}, in ms (budget ${String(BUDGET_MS)}): computing / on the wall / whole step`,
      ['step', 'cpu', 'wall', 'total', 'cpu, breathing', 'wall, breathing', 'total, breathing'],
      labels.map((label) => [label, ...show(without.get(label)), ...show(withBreaths.get(label))]),
    );
  });
});
