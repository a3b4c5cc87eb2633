/** Settings: each change is seen at once, by oneself and by the others. */
import { beforeAll, describe, expect, it } from 'vitest';
import { until, useHouse } from '../headless/support.ts';
import { hides, introduce, openSettings, shows } from './acts.ts';
import { usePeople, type Person } from './person.ts';

const people = usePeople();
const house = useHouse('all');
let ana: Person;
let bo: Person;

beforeAll(async () => {
  [ana, bo] = await Promise.all([people.start('Ana'), people.start('Bo')]);
  await Promise.all([introduce(ana), introduce(bo)]);
});

const background = ({ page }: Person): Promise<string> =>
  page.evaluate(() => getComputedStyle(document.body).getPropertyValue('background-color'));

describe('settings', () => {
  it('change the name, which the others see', async () => {
    const nearby = bo.page.getByRole('region', { name: 'People nearby' });
    await shows(nearby.getByText('Ana', { exact: true }));
    const page = await openSettings(ana, 'You');
    const field = page.getByLabel('Your name');
    const save = page.getByRole('button', { name: 'Save name' });
    expect(await save.isDisabled()).toBe(true);
    await field.fill('   ');
    await save.click();
    await shows(page.getByRole('alert').getByText('Write your name first.'));
    await field.fill('Ana Maria');
    await save.click();
    await shows(ana.page.getByText('You are Ana Maria'));
    await shows(nearby.getByText('Ana Maria', { exact: true }));
    await hides(nearby.getByText('Ana', { exact: true }));
  });

  it('switch the theme at once', async () => {
    const page = await openSettings(ana, 'Appearance');
    const seen: Record<string, string> = {};
    for (const name of ['Dark', 'Light'] as const) {
      const choice = page.getByRole('radio', { name, exact: true });
      await choice.click();
      await expect.poll(() => choice.getAttribute('aria-checked')).toBe('true');
      const scheme = name.toLowerCase();
      await expect
        .poll(() => ana.page.evaluate((wanted) => matchMedia(`(prefers-color-scheme: ${wanted})`).matches, scheme))
        .toBe(true);
      seen[name] = await background(ana);
    }
    expect(seen['Dark']).not.toBe(seen['Light']);
    await page.getByRole('radio', { name: 'Like the system' }).click();
    await expect.poll(() => ana.app.evaluate(({ nativeTheme }) => nativeTheme.themeSource)).toBe('system');
  });

  it('hide the name from strangers who come by', async () => {
    const page = await openSettings(ana, 'Privacy');
    const visible = page.getByRole('switch', { name: 'Visible to people nearby' });
    expect(await visible.isChecked()).toBe(true);
    await visible.click();
    await expect.poll(() => visible.isChecked()).toBe(false);
    const cy = await house.person('Cy', { mdns: true });
    const names = await until([cy], 'Cy meets both', async () => {
      const { peers } = await cy.node.call('peer.list', {});
      const met = peers.filter((peer) => peer.connected).map((peer) => peer.displayName);
      return met.includes('Bo') && met.includes(undefined) ? met : undefined;
    });
    expect(names).not.toContain('Ana Maria');
    await visible.click();
    await expect.poll(() => visible.isChecked()).toBe(true);
  });

  it('end the network page in a sentence, and say why an address cannot be reached', async () => {
    const page = await openSettings(ana, 'Network');
    const advice = page.getByRole('region', { name: 'What Conclave found' }).getByRole('status');
    await shows(advice);
    expect(await advice.textContent()).toMatch(/^[A-Z].+\.$/u);
    await shows(page.getByRole('region', { name: 'People and devices' }).getByText('Bo', { exact: true }));
    const form = page.getByRole('form', { name: 'Connect to an address' });
    const connect = form.getByRole('button', { name: 'Connect', exact: true });
    await connect.click();
    await shows(form.getByRole('alert').getByText('Write an address first.'));
    await form.getByLabel('Address').fill('somewhere');
    await connect.click();
    await hides(form.getByText('Write an address first.'));
    await shows(form.getByRole('alert'));
    expect(await form.getByRole('alert').textContent()).toMatch(/network address/);
    // Nobody listens on port 1.
    await form.getByLabel('Address').fill('/ip4/127.0.0.1/tcp/1');
    await connect.click();
    await shows(form.getByRole('alert').getByText(/reach|connect|answer/i));
  });

  it('say which Conclave this is, and show the keys on Ctrl+/ anywhere', async () => {
    const about = await openSettings(ana, 'About');
    await shows(about.getByText(/^\d+\.\d+\.\d+$/).first());
    await ana.page.keyboard.press('Control+/');
    const sheet = ana.page.getByRole('dialog', { name: 'Keyboard' });
    await shows(sheet.getByText('Ctrl+/'));
    await ana.page.keyboard.press('Escape');
    await hides(sheet);
  });
});
