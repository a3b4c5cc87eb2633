/**
 * Electron's security checklist in the real app: what a page that was taken over would find. Fuses are the packager's.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ConclaveBridge } from '../../shared/api/bridge.ts';
import { contentSecurityPolicy, pageUrl } from '../../main/desktop/urls.ts';
import { useHouse } from '../headless/support.ts';
import { introduce, shows } from './acts.ts';
import { alone, environment, launch, usePeople, type Person } from './person.ts';

declare global {
  interface Window {
    readonly conclave?: ConclaveBridge;
  }
}

const people = usePeople();
const house = useHouse('all');
let person: Person;

beforeAll(async () => {
  person = await people.start('Mallory', { args: ['--keychain', 'file', ...alone] });
});
// What the attempts below provoke: the browser says in the console what it refused.
afterEach(() => person.forgive(/Content Security Policy|Failed to load resource: .* 404|Permissions policy/));

describe('a page of the app', () => {
  it('finds three functions of ours, and nothing of Node or Electron', async () => {
    const found = await person.page.evaluate(() => ({
      globals: ['require', 'process', 'module', 'Buffer', 'ipcRenderer', 'electron'].filter((name) => name in window),
      bridge: Object.keys(window.conclave!).sort(),
    }));
    expect(found).toEqual({ globals: [], bridge: ['call', 'saveFile', 'subscribe'] });
  });

  it('comes from the app alone, under a policy without exceptions', async () => {
    expect(person.page.url()).toBe(pageUrl);
    const headers = await person.page.evaluate(async (url) => {
      const answer = await fetch(url);
      return [answer.headers.get('content-security-policy'), answer.headers.get('x-content-type-options')];
    }, pageUrl);
    expect(headers).toEqual([contentSecurityPolicy, 'nosniff']);
  });

  it('runs no script and no style that is written into it', async () => {
    const ran = await person.page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'document.documentElement.dataset.ran = "yes"';
      const style = document.createElement('style');
      style.textContent = 'html { --ran: yes }';
      document.head.append(script, style);
      const result = [
        document.documentElement.dataset['ran'],
        getComputedStyle(document.documentElement).getPropertyValue('--ran'),
      ];
      script.remove();
      style.remove();
      return result;
    });
    expect(ran).toEqual([undefined, '']);
  });

  it('evaluates no text as a program', async () => {
    const outcome = await person.page.evaluate(
      () =>
        new Promise((resolve) => {
          // Called back by the browser, not by the tool that drives this test, which may evaluate what it likes.
          setTimeout(() => {
            try {
              resolve((0, eval)('"it ran"'));
            } catch (error) {
              resolve(error instanceof Error ? error.name : 'thrown');
            }
          });
        }),
    );
    expect(outcome).toBe('EvalError');
  });

  it('reaches neither the network nor files beyond its own', async () => {
    const statuses = await person.page.evaluate(async () => {
      const urls = [
        'https://example.org/',
        'http://127.0.0.1:1/',
        'file:///etc/hostname',
        'app://other/index.html',
        'app://conclave/../../package.json',
        'app://conclave/..%2f..%2fpackage.json',
        'app://conclave/%2e%2e/%2e%2e/package.json',
        'app://conclave/..%5c..%5cpackage.json',
        'app://conclave/%252e%252e%252fpackage.json',
        'app://conclave/assets/../../preload/index.cjs',
        'app://conclave//etc/hostname',
        'app://conclave/index.html%00.js',
      ];
      const status = async (url: string) => {
        try {
          return (await fetch(url)).status;
        } catch {
          return 'refused';
        }
      };
      return Promise.all(urls.map(status));
    });
    expect(statuses.slice(0, 4)).toEqual(['refused', 'refused', 'refused', 'refused']);
    expect(statuses.slice(4)).toEqual(statuses.slice(4).map(() => 404));
  });

  it('has the bridge in its top frame alone', async () => {
    const bridges = await person.page.evaluate(async () => {
      const frames = [{ src: 'about:blank' }, { srcdoc: '<p>forged</p>' }, { src: 'app://conclave/index.html' }];
      const found: string[] = [];
      for (const attributes of frames) {
        const frame: HTMLIFrameElement = document.createElement('iframe');
        Object.assign(frame, attributes);
        const loaded = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
        document.body.append(frame);
        await loaded;
        try {
          found.push(typeof Reflect.get(frame.contentWindow ?? {}, 'conclave'));
        } catch {
          // A refused page stands in a frame of its own origin, which cannot be looked into.
          found.push('undefined');
        }
        frame.remove();
      }
      return found;
    });
    expect(bridges).toEqual(['undefined', 'undefined', 'undefined']);
  });

  it('is refused every permission but notifications, however it asks', async () => {
    const answers = await person.page.evaluate(async () => {
      const names = ['notifications', 'geolocation', 'camera', 'microphone', 'clipboard-read', 'midi'];
      const granted: string[] = [];
      for (const name of names)
        if ((await navigator.permissions.query({ name: name as PermissionName })).state === 'granted')
          granted.push(name);
      const place = await new Promise((resolve) =>
        navigator.geolocation.getCurrentPosition(
          () => resolve('told'),
          ({ code }) => resolve(code),
        ),
      );
      const clipboard = await navigator.clipboard.readText().then(
        () => 'read',
        (error: unknown) => (error instanceof Error ? error.name : 'refused'),
      );
      return { granted, place, clipboard };
    });
    // 1 is PERMISSION_DENIED.
    expect(answers).toEqual({
      granted: ['notifications'],
      place: 1,
      clipboard: 'NotAllowedError',
    });
  });

  it('calls the node through its checks: unknown methods and fields are refused', async () => {
    const answers = await person.page.evaluate(async () => {
      const call = window.conclave!.call as (method: string, params: unknown) => Promise<unknown>;
      return [await call('app.exec', {}), await call('app.info', { extra: 1 }), await call('app.info', {})];
    });
    expect(answers).toMatchObject([
      { ok: false, error: { code: 'UNKNOWN_METHOD' } },
      { ok: false, error: { code: 'INVALID_PARAMS' } },
      { ok: true },
    ]);
  });
});

describe('a second launch on the profile', () => {
  const relaunch = async (...words: string[]): Promise<number | null> => {
    const { executable, args, cwd } = launch(person.profile, ['--keychain', 'file', ...alone, ...words]);
    const second = spawn(executable, args, { cwd, env: environment(), stdio: 'ignore' });
    const [code] = (await once(second, 'exit')) as [number | null];
    return code;
  };

  it('hands its link to the app that runs, which shows the invite, and ends', async () => {
    await introduce(person);
    const bo = await house.person('Bo');
    const { conversationId } = await bo.node.call('conversation.create', { name: 'Choir', settings: {} });
    const { invite } = await bo.node.call('invite.create', { conversationId });
    expect(await relaunch(invite)).toBe(0);
    const dialog = person.page.getByRole('dialog', { name: 'Open an invite' });
    await shows(dialog.getByText('Bo invites you to Choir'));
    await dialog.getByRole('button', { name: 'Not now' }).click();
  });

  it('says why when its link is no invite', async () => {
    expect(await relaunch('conclave:AAAA')).toBe(0);
    await shows(person.page.getByRole('region', { name: /Messages from Conclave/ }).getByText(/invite/));
    const windows = await person.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);
    expect(windows).toBe(1);
  });
});

// Last: the tool that drives the page waits for navigations that never come.
describe('a page that wants to leave', () => {
  it('cannot be led away, opens no window and embeds nothing', async () => {
    const opened = await person.page.evaluate(() => window.open('http://example.org/') === null);
    expect(opened).toBe(true);
    await person.page.evaluate(() => {
      location.href = 'http://example.org/';
    });
    await person.page.evaluate(() => {
      const frame = document.createElement('iframe');
      frame.src = 'https://example.org/';
      document.body.append(frame);
      frame.remove();
      const view = document.createElement('webview');
      view.setAttribute('src', 'https://example.org/');
      document.body.append(view);
      view.remove();
    });
    expect(person.page.url()).toBe(pageUrl);
    const contents = await person.app.evaluate(({ webContents }) =>
      webContents.getAllWebContents().map((each) => each.getURL()),
    );
    expect(contents).toEqual([pageUrl]);
  });
});
