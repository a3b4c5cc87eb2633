/**
 * kill -9 at every write in turn, and at random instants under traffic: what was answered is there, once, and every store
 * opens. More of it with `npm run soak -- --kills 300`.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../shared/api/model.ts';
import type { ConversationId, MessageId } from '../../shared/model/ids.ts';
import type { HeadlessClientOptions } from './client.ts';
import {
  acquaint,
  agree,
  askIn,
  chatGoesOn,
  connected,
  details,
  groupOf,
  hears,
  pick,
  quickRules,
  randomOf,
  say,
  texts,
  until,
  useHouse,
  type Person,
} from './support.ts';

const house = useHouse();
const kills = Number(process.env['CONCLAVE_KILLS'] ?? 8);
const isLong = kills > 20;
/** A busy machine takes ten times as long as an idle one. */
const MINUTES = isLong ? 90 : 6;
/** So that a long run does not drown in messages. */
const TALK_PAUSE_MS = isLong ? 20 : 5;

/** A node that dies at a chosen write; nothing happens to it before `dieAt`. */
function mortal(
  directory: string,
  isFine = isLong,
): {
  readonly options: Pick<HeadlessClientOptions, 'script' | 'env'>;
  dieAt(moment: number): void;
  live(): void;
} {
  const file = join(directory, 'death');
  return {
    options: {
      script: resolve(import.meta.dirname, 'mortal.ts'),
      env: { CONCLAVE_TEST_DEATH: file, ...(isFine ? { CONCLAVE_TEST_FINE: '1' } : {}) },
    },
    dieAt: (moment) => writeFileSync(file, String(moment)),
    live: () => rmSync(file, { force: true }),
  };
}

/** Resolves with whether something came to its end; false when the node died before. */
async function outlives(person: Pick<Person, 'node'>, work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    const { signal } = await Promise.race([person.node.ended, pass(1_000, { signal: null })]);
    if (signal === 'SIGKILL') return false;
    throw error;
  }
}

const once = (list: readonly string[]): readonly string[] => [...new Set(list)];

describe('a node that dies at a write', () => {
  it(
    'makes its identity with the next start, whichever write of the first it was',
    { timeout: MINUTES * 60_000 },
    async () => {
      /** Whether the first start came through. */
      const life = async (moment: number): Promise<boolean> => {
        const profile = house.directory();
        const death = mortal(house.directory());
        death.dieAt(moment);
        const first = house.launch({ profile, ...death.options });
        const created = first.ready.then(() => first.call('identity.create', { displayName: 'Ana' }));
        if (await outlives({ node: first }, created)) return true;
        const node = await house.start({ profile });
        const { exists, problem, memberId } = await node.call('identity.status', {});
        expect(problem).toBeUndefined();
        const made = exists ? { memberId } : await node.call('identity.create', { displayName: 'Ana' });
        await node.call('conversation.create', { name: 'Choir' });
        expect(await node.call('identity.status', {})).toMatchObject({ exists: true, memberId: made.memberId });
        await node.kill();
        return false;
      };
      for (let moment = 1; ; moment += 2) {
        const survived = await Promise.all([life(moment), life(moment + 1)]);
        if (!survived.includes(true)) continue;
        expect(moment).toBeGreaterThan(6);
        return;
      }
    },
  );

  it('R-308 keeps what it said and heard, whichever write it was', { timeout: MINUTES * 60_000 }, async () => {
    const [ana, bo] = await house.persons('Ana', 'Bo');
    const conversationId = await groupOf([ana, bo]);
    const death = mortal(house.directory());
    const answered: string[] = [];
    /** Lets Ana do something up to its end or to her death at that write; true when she lived. */
    const life = async (moment: number, work: () => Promise<unknown>): Promise<boolean> => {
      const read = await texts(ana, conversationId);
      death.dieAt(moment);
      const survived = await outlives(ana, work());
      death.live();
      if (!survived) await house.restart(ana, death.options);
      const after = await texts(ana, conversationId);
      expect(after).toEqual(expect.arrayContaining(read));
      expect(after).toEqual(once(after));
      await connected([ana, bo], conversationId);
      return survived;
    };
    const untilSurvived = async (act: (moment: number) => () => Promise<unknown>): Promise<number> => {
      for (let moment = 1; ; moment += 1) if (await life(moment, act(moment))) return moment;
    };

    await ana.node.kill();
    await house.restart(ana, death.options);
    await connected([ana, bo], conversationId);
    const said = await untilSurvived((moment) => async () => {
      const text = `said ${moment}`;
      const { messageId } = await say(ana, conversationId, text);
      answered.push(text);
      await ana.node.waitForEvent(
        'message.updated',
        ({ message }) => message.messageId === messageId && message.status !== 'pending',
      );
    });
    const heard = await untilSurvived((moment) => async () => {
      const text = `heard ${moment}`;
      await say(bo, conversationId, text);
      await hears(ana, text);
    });
    expect(said).toBeGreaterThan(2);
    expect(heard).toBeGreaterThan(1);
    expect(await texts(ana, conversationId)).toEqual(expect.arrayContaining(answered));
    await chatGoesOn([ana, bo], conversationId, 'after all');
    const own = (list: readonly string[]): readonly string[] => list.filter((text) => text.startsWith('said'));
    await until([bo], 'Bo has what Ana has said', async () => {
      const [mine, theirs] = await Promise.all([ana, bo].map((person) => texts(person, conversationId)));
      return own(theirs ?? []).join('\n') === own(mine ?? []).join('\n') ? true : undefined;
    });
  });

  // A whole change of members has many writes: only what makes something durable, and still minutes.
  it.runIf(isLong)('lets somebody in, whichever write it was', { timeout: MINUTES * 60_000 }, async () => {
    const death = mortal(house.directory(), false);
    for (let moment = 1, survived = false; !survived; moment += 1) {
      const [ana, bo] = await house.persons('Ana', 'Bo');
      await ana.node.kill();
      await house.restart(ana, death.options);
      const { conversationId } = await ana.node.call('conversation.create', { name: 'Choir', settings: quickRules });
      death.dieAt(moment);
      const joining = askIn(ana, bo, conversationId).then(() => agree([ana, bo], conversationId));
      survived = await outlives(ana, joining);
      death.live();
      if (!survived) await house.restart(ana, death.options);
      if ((await bo.node.call('conversation.list', {})).conversations.length === 0)
        await askIn(ana, bo, conversationId);
      // Whoever waits asks again twice a minute.
      await agree([ana, bo], conversationId, 2, 90_000).catch((cause: unknown) => {
        throw new Error(`killed at moment ${moment}`, { cause });
      });
      await connected([ana, bo], conversationId);
      await chatGoesOn([ana, bo], conversationId, 'in spite of it all');
      await Promise.all([ana.node.kill(), bo.node.kill()]);
    }
  });
});

/** Talks until told to stop; answers with the texts that the node took. A node that is killed ends it. */
async function talk(
  person: Person,
  conversationId: ConversationId,
  mark: string,
  isOver: () => boolean,
): Promise<string[]> {
  const { node } = person;
  const answered: string[] = [];
  for (let index = 0; !isOver(); index += 1) {
    const text = `${mark} ${person.name} ${index}`;
    try {
      await node.call('message.send', { conversationId, text });
    } catch (error) {
      if (node.process.signalCode === 'SIGKILL' || node.process.killed) return answered;
      throw error;
    }
    answered.push(text);
    await pass(TALK_PAUSE_MS);
  }
  return answered;
}

/** The texts of one round, oldest first: the newest of all that there is. */
async function textsOf({ node }: Person, conversationId: ConversationId, mark: string): Promise<string[]> {
  const found: Message[] = [];
  for (let before: MessageId | undefined; ;) {
    const page = { conversationId, limit: 200, ...(before === undefined ? {} : { before }) };
    const { messages } = await node.call('message.list', page);
    found.push(...messages.filter(({ text, system }) => system === undefined && text.startsWith(`${mark} `)));
    before = messages.at(-1)?.messageId;
    if (messages.length < 200 || !messages.some(({ text }) => text.startsWith(`${mark} `))) break;
  }
  return found.reverse().map(({ text }) => text);
}

describe('three who chat while one of them is killed at random instants', () => {
  it(
    `R-308 W-44 keep everything that was answered, once, and chat on (${kills} kills)`,
    { timeout: MINUTES * 60_000 },
    async () => {
      const random = randomOf(kills);
      const people = await house.persons('Ana', 'Bo', 'Cy');
      const conversationId = await groupOf(people);
      await acquaint(people);
      await connected(people, conversationId);
      const [before] = await details(people, conversationId);
      let said = 0;

      for (let round = 0; round < kills; round += 1) {
        const mark = `r${round}`;
        const victim = pick(random, people);
        let over = false;
        const talks = people.map((person) => talk(person, conversationId, mark, () => over));
        await pass(Math.floor(random() * 300));
        const read = await textsOf(victim, conversationId, mark);
        await pass(Math.floor(random() * 60));
        await victim.node.kill();
        over = true;
        const answered = await Promise.all(talks);
        said += answered.flat().length;
        await house.restart(victim);
        const after = await textsOf(victim, conversationId, mark);
        expect(after).toEqual(expect.arrayContaining(read));
        for (const [index, person] of people.entries())
          expect(await textsOf(person, conversationId, mark)).toEqual(expect.arrayContaining(answered[index] ?? []));

        await connected(people, conversationId);
        // Whoever was killed gets what the others said meanwhile.
        await until(
          people,
          `all have what everybody said in round ${round}, in which ${victim.name} was killed`,
          async () => {
            const by = async (person: Person, speaker: Person): Promise<string> => {
              const all = await textsOf(person, conversationId, mark);
              return all
                .filter((text) => text.startsWith(`${mark} ${speaker.name} `))
                .sort()
                .join('\n');
            };
            for (const person of people)
              for (const speaker of people)
                if ((await by(person, speaker)) !== (await by(speaker, speaker))) return undefined;
            return true;
          },
        );
      }

      for (const person of people) {
        const all = await texts(person, conversationId);
        expect(all).toEqual(once(all));
      }
      await chatGoesOn(people, conversationId, 'after all');
      const same = {
        epoch: before?.epoch,
        epochAuthenticator: before?.epochAuthenticator,
        stewards: before?.stewards,
      };
      for (const view of await details(people, conversationId))
        expect(view).toMatchObject({ state: 'working', ...same });
      expect(said).toBeGreaterThan(kills);
    },
  );
});
