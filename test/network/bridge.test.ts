/**
 * Eight persons on a LAN, each with a whole node on a machine of its own: the LAN is cut in two while both sides talk and one
 * lets somebody in; a node stands still; an author is gone before an absent member returns. Nobody misses anything
 * (architecture 5), and the group stays one group. CONCLAVE_SOAK=1 makes each absence a minute.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConversationId } from '../../shared/model/ids.ts';
import {
  agree,
  askIn,
  connected,
  groupOf,
  hears,
  history,
  say,
  soak,
  until,
  useHouse,
  type Person,
} from '../headless/support.ts';
import { obstacleToLab, useLab } from './lab.ts';

const NAMES = ['Ana', 'Bo', 'Cy', 'Dee', 'Eli', 'Fay', 'Gus', 'Hal'] as const;
/** The machine of the one who comes later. */
const NINTH = NAMES.length + 1;
/** The last machines are cut off. */
const CUT_OFF = 3;
const ABSENCE_MS = soak ? 60_000 : 10_000;
/** Somebody on each side speaks this often. */
const TALK_MS = 500;
/** After everything is in reach again. */
const HEAL_MS = 40_000;

const why = obstacleToLab();
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe.skipIf(why !== undefined)(
  `eight persons on a LAN${why === undefined ? '' : ` (skipped: ${why})`}`,
  { timeout: soak ? 300_000 : 120_000 },
  () => {
    const lab = useLab(NINTH);
    const house = useHouse('all');
    let people: readonly [Person, ...Person[]];
    let conversationId: ConversationId;

    const on = (machine: number): Parameters<typeof house.person>[1] => ({
      namespace: lab().namespace(machine),
      mdns: true,
      listen: [],
    });

    beforeAll(async () => {
      const [first, ...others] = await Promise.all(NAMES.map((name, index) => house.person(name, on(index + 1))));
      people = [first!, ...others];
      // Votes end by silence soon: half of the group cannot answer during the cut.
      conversationId = await groupOf(people, { consensusTimeoutMs: 5_000 });
      await connected(people, conversationId);
    }, 120_000);

    /** What people wrote, in the order in which it is shown. */
    const shown = async (person: Person): Promise<string[]> =>
      (await history(person, conversationId)).flatMap(({ messageId, system, text }) =>
        system === undefined ? [`${messageId} ${text}`] : [],
      );

    /** Everybody of `members` shows the same, each of `texts` once. */
    const allShow = (members: readonly Person[], texts: readonly string[]): Promise<string[]> =>
      until(
        members,
        `all show ${texts.length} messages`,
        async () => {
          const [first = [], ...others] = await Promise.all(members.map(shown));
          const said = first.map((line) => line.slice(line.indexOf(' ') + 1));
          const isComplete = texts.every((text) => said.filter((other) => other === text).length === 1);
          return isComplete && others.every((other) => other.join() === first.join()) ? first : undefined;
        },
        HEAL_MS,
      );

    /** Speaks as each of `speakers` in turn until told to stop; answers with what was said. */
    const talk = (speakers: readonly Person[], mark: string, signal: AbortSignal): Promise<string[]> =>
      (async () => {
        const said: string[] = [];
        for (let index = 0; !signal.aborted; index += 1) {
          const speaker = speakers[index % speakers.length]!;
          const text = `${mark} ${index} by ${speaker.name}`;
          await say(speaker, conversationId, text);
          said.push(text);
          await pause(TALK_MS);
        }
        return said;
      })();

    const everything: string[] = [];
    let all: Person[] = [];

    it('are one group with all messages again after the LAN was cut in two, both sides talked and one let somebody in', async () => {
      const here = people.slice(0, -CUT_OFF);
      const there = people.slice(-CUT_OFF);
      lab().cut(there.map((person) => people.indexOf(person) + 1));
      const healing = new AbortController();
      const talks = [talk(here, 'here', healing.signal), talk(there, 'there', healing.signal)];
      const startedAt = Date.now();

      const ida = await house.person('Ida', on(NINTH));
      await askIn(here[0]!, ida, conversationId);
      await agree([...here, ida], conversationId, people.length + 1);
      const welcomed = 'welcome, Ida';
      await say(here[1]!, conversationId, welcomed);
      await hears(ida, welcomed);

      await pause(Math.max(0, ABSENCE_MS - (Date.now() - startedAt)));
      healing.abort();
      everything.push(...(await Promise.all(talks)).flat(), welcomed);
      lab().heal();
      const healedAt = Date.now();

      all = [...people, ida];
      await agree(all, conversationId);
      process.stdout.write(`cut for ${ABSENCE_MS} ms: all agree ${Date.now() - healedAt} ms after it healed\n`);
      const lines = await allShow(people, everything);
      process.stdout.write(`all show all ${lines.length} messages ${Date.now() - healedAt} ms after it healed\n`);
      // Who came later shows, in the same order, what it was entitled to, which is at least what was said to it.
      const idas = await shown(ida);
      expect(lines.filter((line) => idas.includes(line))).toEqual(idas);
      expect(idas.some((line) => line.endsWith(welcomed))).toBe(true);
    });

    it('have all messages when one stood still for a while', async () => {
      const still = people.at(-1)!;
      const others = all.filter((person) => person !== still);
      still.node.process.kill('SIGSTOP');
      const going = new AbortController();
      const talking = talk(others, 'meanwhile', going.signal);
      await pause(ABSENCE_MS);
      going.abort();
      everything.push(...(await talking));
      still.node.process.kill('SIGCONT');
      const wokeAt = Date.now();
      await allShow(people, everything);
      process.stdout.write(`stood still for ${ABSENCE_MS} ms: caught up after ${Date.now() - wokeAt} ms\n`);
      await agree(all, conversationId);
    });

    it('give an absent member what somebody said who is gone when it returns', async () => {
      const [author, absent] = [people[2]!, people[3]!];
      absent.node.process.kill('SIGSTOP');
      const last = ['one', 'two', 'three'].map((word) => `${word}, said before the end`);
      for (const text of last) await say(author, conversationId, text);
      for (const text of last) await hears(people[0], text);
      await author.node.kill('SIGKILL');
      everything.push(...last);
      absent.node.process.kill('SIGCONT');
      const wokeAt = Date.now();
      await allShow(
        people.filter((person) => person !== author),
        everything,
      );
      process.stdout.write(`author gone: the absent one has it all after ${Date.now() - wokeAt} ms\n`);
      await house.restart(author, on(people.indexOf(author) + 1));
      await allShow(people, everything);
      await agree(all, conversationId);
    });

    afterAll(() => {
      for (const person of all) person.node.process.kill('SIGCONT');
    });
  },
);
