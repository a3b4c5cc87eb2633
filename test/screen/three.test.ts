/**
 * Three people: one is voted out and told why, everybody can read the whole record; and a strict group, where people
 * vote on everybody who asks in.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  askIn,
  askToRemove,
  card,
  composer,
  copyInvite,
  goTo,
  hides,
  introduce,
  isIn,
  line,
  panel,
  reads,
  say,
  shows,
  startGroup,
  votes,
} from './acts.ts';
import { takePictures, usePeople, type Person } from './person.ts';

const people = usePeople();
let ana: Person;
let bo: Person;
let cy: Person;

beforeAll(async () => {
  [ana, bo, cy] = await Promise.all([people.start('Ana'), people.start('Bo'), people.start('Cy')]);
  await Promise.all([introduce(ana), introduce(bo), introduce(cy)]);
});

describe('a group of three', () => {
  it('names who added whom, in the second person for who it is about', async () => {
    await startGroup(ana, 'Choir');
    const link = await copyInvite(ana, 'Choir');
    await askIn(bo, link, 'Ana', 'Choir');
    await isIn(bo, 'Choir');
    await askIn(cy, link, 'Ana', 'Choir');
    await isIn(cy, 'Choir');
    await shows(line(ana, /^You started the group/));
    await shows(line(ana, /added Bo/));
    await shows(line(ana, /added Cy/));
    await shows(line(bo, /added Cy/));
    await say(cy, 'Choir', 'Hello everybody!');
    await reads(ana, 'Hello everybody!');
    await reads(bo, 'Hello everybody!');
  });

  it('tells who joins who let them in', async () => {
    await shows(line(bo, /^Ana (added you|let you in)/));
    await shows(line(cy, /^Ana (added you|let you in)/));
  });

  it('votes somebody out: all see the card with reason, tally and time, and who goes is told why', async () => {
    await askToRemove(ana, 'Cy', 'Cy sings for another choir now.');
    const reason = 'Why: “Cy sings for another choir now.”';

    const atBo = card(bo, 'Ana asks to remove Cy');
    await shows(atBo.getByText(reason));
    await shows(atBo.getByText('1 yes, 0 no · 2 of 3 needed'));
    await shows(atBo.getByText('Yes: Ana'));
    await shows(atBo.getByText(/^\d+ minutes left$/));
    await shows(atBo.getByText('Silence will count as no.'));

    const atCy = card(cy, 'Ana asks to remove you');
    await shows(atCy.getByText('This vote is about you. You may vote too.'));
    await shows(atCy.getByText(reason));
    await shows(atCy.getByRole('button', { name: 'No', exact: true }));
    await takePictures(cy, 'vote-about-you');

    // Who has voted sees one line, which opens to the card.
    await votes(ana)
      .getByRole('button', { name: /You ask to remove Cy/ })
      .click();
    await shows(card(ana, 'You ask to remove Cy').getByText('You voted yes'));
    await shows((await panel(ana, 'Members')).getByText('Vote to remove'));

    await atBo.getByRole('button', { name: 'Yes', exact: true }).click();
    await shows(cy.page.getByText(/^The group voted you out at \d\d:\d\d: 2 yes, 0 no\./));
    await hides(composer(cy, 'Choir'));
    await shows(line(ana, /^The group voted Cy out, at your request: 2 yes, 0 no/));
    await shows(line(bo, /^The group voted Cy out, at Ana’s request: 2 yes, 0 no/));
    await shows((await panel(ana, 'Members')).getByRole('heading', { name: '2 members' }));

    // What is said afterwards does not reach who is gone.
    await say(ana, 'Choir', 'Without Cy, then.');
    await reads(bo, 'Without Cy, then.');
    expect(await cy.page.getByText('Without Cy, then.').count()).toBe(0);
  });

  it('answers Why? with who asked, who voted how, by which rule, and who wrote it down', async () => {
    await cy.page.getByRole('status').getByRole('button', { name: 'Why?' }).click();
    const own = cy.page.getByRole('status').locator('xpath=..');
    await shows(own.getByText('“Cy sings for another choir now.”'));
    await shows(own.getByText('Ana: yes'));
    await shows(own.getByText('Bo: yes'));
    await shows(own.getByText('1 did not vote'));
    await takePictures(cy, 'voted-out-why');

    const said = line(bo, /^The group voted Cy out/);
    await said.getByRole('button', { name: 'Why?' }).click();
    await shows(said.getByText('“Cy sings for another choir now.”'));
    await shows(said.getByText('Ana: yes'));
    await shows(said.getByText('You: yes'));
    await shows(said.getByText('Enough members voted: 2 of 3 were needed.'));
    await shows(said.getByText('Written down by'));
    await takePictures(bo, 'why');

    const decided = await panel(bo, 'Votes');
    await shows(decided.getByRole('button', { name: 'Ana asked to remove Cy. Accepted: 2 yes, 0 no' }));
  });
});

describe('a strict group', () => {
  it('lets somebody in by a vote of its people, cast by keyboard; meanwhile one waits and may cancel', async () => {
    await startGroup(ana, 'Council', 'Strict');
    const link = await copyInvite(ana, 'Council');
    await askIn(bo, link, 'Ana', 'Council');
    await shows(bo.page.getByRole('heading', { name: 'Waiting for the group to let you in' }));
    await takePictures(bo, 'waiting');

    const asked = votes(ana).getByRole('article', { name: /to add Bo$/ });
    await shows(asked);
    await takePictures(ana, 'vote-join');
    await composer(ana, 'Council').focus();
    const yes = asked.getByRole('button', { name: 'Yes', exact: true });
    for (let presses = 0; presses < 6; presses++) {
      if (await yes.evaluate((button) => button === document.activeElement)) break;
      await ana.page.keyboard.press('Shift+Tab');
    }
    expect(await yes.evaluate((button) => button === document.activeElement)).toBe(true);
    await ana.page.keyboard.press('Enter');
    await isIn(bo, 'Council');
    await say(bo, 'Council', 'Thank you for the vote.');
    await reads(ana, 'Thank you for the vote.');
  });

  it('is not joined by who cancels the request', async () => {
    await goTo(ana, 'Council');
    const link = await copyInvite(ana, 'Council');
    await askIn(cy, link, 'Ana', 'Council');
    await shows(cy.page.getByRole('heading', { name: 'Waiting for the group to let you in' }));
    await shows(votes(ana).getByRole('article', { name: /to add Cy$/ }));
    await cy.page.getByRole('button', { name: 'Cancel the request' }).click();
    const question = cy.page.getByRole('alertdialog', { name: 'Cancel the request?' });
    await takePictures(cy, 'cancel-request');
    await question.getByRole('button', { name: 'Cancel the request' }).click();
    await hides(cy.page.getByRole('heading', { name: 'Waiting for the group to let you in' }));
    expect(await composer(cy, 'Council').count()).toBe(0);
  });
});
