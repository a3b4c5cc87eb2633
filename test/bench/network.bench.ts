/**
 * What a group costs and how soon it has somebody back, with whole nodes on machines of the lab: bytes on the wire for each
 * message and member, and the time from a wake-up to having everything. Needs Linux and root, as the lab does.
 */
import { cpus } from 'node:os';
import { describe, it } from 'vitest';
import type { ConversationId } from '../../shared/model/ids.ts';
import { agree, askIn, connected, groupOf, hears, say, useHouse, type Person } from '../headless/support.ts';
import { obstacleToLab, useLab } from '../network/lab.ts';
import { median, milliseconds, printTable } from './measure.ts';

const MEMBERS = 10;
const MESSAGES = 100;
/** A group that just formed talks about itself still, three times as much as later. */
const SETTLE_MS = 45_000;
/** An idle group is looked at this long, so that what it costs anyway is taken off. */
const IDLE_MS = 20_000;
const WAKE_UPS = 5;
/** Longer than the others need to notice. */
const SLEEP_MS = 15_000;

const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}`;
const why = obstacleToLab();
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const textOf = (index: number): string =>
  `${index}: the rehearsal starts at seven, please bring the second half of the programme and a pencil.`;

describe.skipIf(why !== undefined)(`a group on a LAN${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  const lab = useLab(MEMBERS);
  const house = useHouse('all');
  const people: Person[] = [];
  let conversationId: ConversationId;

  async function gathered(): Promise<readonly [Person, ...Person[]]> {
    for (let index = people.length; index < MEMBERS; index += 1) {
      const on = { namespace: lab().namespace(index + 1), mdns: true, listen: [] };
      const person = await house.person(`Member ${index}`, on);
      const [first] = people;
      people.push(person);
      if (first === undefined) {
        // One steward: what is measured is the network, and nobody waits for rival commits.
        conversationId = await groupOf([person], { stewardsMin: 1, stewardsMax: 1 });
      } else {
        await askIn(first, person, conversationId);
        await agree(people, conversationId);
      }
    }
    await connected(people, conversationId);
    const [first, ...others] = people;
    if (first === undefined) throw new Error('nobody is there');
    return [first, ...others];
  }

  /** Bytes that all machines sent while `work` ran, and how long it took. */
  async function sent(work: () => Promise<unknown>): Promise<{ bytes: number; ms: number }> {
    const total = (): number => people.reduce((sum, _person, index) => sum + lab().traffic(index + 1).sent, 0);
    const [before, startedAt] = [total(), performance.now()];
    await work();
    return { bytes: total() - before, ms: performance.now() - startedAt };
  }

  /** Packets that reached the nodes, acknowledgements among them; what came twice is counted by nobody once it was seen. */
  async function arrivals(): Promise<number> {
    const all = await Promise.all(people.map(({ node }) => node.call('diagnostics.network', {})));
    return all.reduce((sum, { counters }) => sum + (counters['gossip.delivered'] ?? 0), 0);
  }

  it('sends so many bytes for each message and member', { timeout: 600_000 }, async () => {
    const [first, ...others] = await gathered();
    await pause(SETTLE_MS);
    const idle = await sent(() => pause(IDLE_MS));
    const chat = async (): Promise<void> => {
      for (let index = 0; index < MESSAGES; index += 1) {
        await say(first, conversationId, textOf(index));
        await pause(100);
      }
      await Promise.all(others.map((person) => hears(person, textOf(MESSAGES - 1))));
      // Acknowledgements come in batches.
      await pause(5_000);
    };
    const before = await arrivals();
    const busy = await sent(chat);
    const after = await arrivals();
    const idleRate = idle.bytes / idle.ms;
    const caused = busy.bytes - idleRate * busy.ms;
    printTable(
      `Bytes on the wire, TCP and Ethernet included, ${MEMBERS} members, ${MESSAGES} messages of ${textOf(10).length} characters (${machine})`,
      [
        'per message',
        'per message and recipient',
        'packets each member got, per message',
        'idle, per member and second',
      ],
      [
        [
          (caused / MESSAGES).toFixed(0),
          (caused / MESSAGES / others.length).toFixed(0),
          ((after - before) / MESSAGES / MEMBERS).toFixed(2),
          ((idleRate * 1_000) / MEMBERS).toFixed(0),
        ],
      ],
    );
  });

  it('has somebody back, with everything that was said meanwhile, so soon', { timeout: 600_000 }, async () => {
    const [first, ...others] = await gathered();
    const sleeper = others.at(-1) ?? first;
    const place = people.indexOf(sleeper) + 1;
    const ways = [
      {
        name: 'process stood still',
        leave: () => void sleeper.node.process.kill('SIGSTOP'),
        come: () => void sleeper.node.process.kill('SIGCONT'),
      },
      { name: 'cable pulled', leave: () => lab().unplug(place), come: () => lab().plugIn(place) },
    ];
    const rows: string[][] = [];
    for (const { name, leave, come } of ways) {
      const waits: number[] = [];
      for (let round = 0; round < WAKE_UPS; round += 1) {
        leave();
        const text = `${name}, round ${round}`;
        await say(first, conversationId, text);
        await pause(SLEEP_MS);
        const startedAt = performance.now();
        come();
        await sleeper.node.waitForEvent('message.added', ({ message }) => message.text === text, {
          patienceMs: 60_000,
        });
        waits.push(performance.now() - startedAt);
      }
      rows.push([
        name,
        milliseconds(median(waits)),
        milliseconds(Math.min(...waits)),
        milliseconds(Math.max(...waits)),
      ]);
    }
    printTable(
      `From a wake-up to what was said during ${SLEEP_MS / 1_000} s of absence, ${MEMBERS} members (${machine})`,
      ['absence', 'p50 ms', 'least ms', 'most ms'],
      rows,
    );
  });
});
