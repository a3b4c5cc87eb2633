/**
 * Electron's security checklist in the real app: what a page that was taken over would find. Fuses are the packager's.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConclaveBridge } from '../../shared/api/bridge.ts';
import { contentSecurityPolicy, pageUrl } from '../../main/desktop/urls.ts';
import { forgetProfiles, startApp, type Person } from './person.ts';

declare global {
  interface Window {
    readonly conclave?: ConclaveBridge;
  }
}

let person: Person;

beforeAll(async () => {
  person = await startApp('Mallory', { args: ['--keychain', 'file', '--no-mdns', '--listen', '/ip4/127.0.0.1/tcp/0'] });
});
afterAll(forgetProfiles);

describe('a page of the app', () => {
  it('finds two functions of ours, and nothing of Node or Electron', async () => {
    const found = await person.page.evaluate(() => ({
      globals: ['require', 'process', 'module', 'Buffer', 'ipcRenderer', 'electron'].filter((name) => name in window),
      bridge: Object.keys(window.conclave!).sort(),
    }));
    expect(found).toEqual({ globals: [], bridge: ['call', 'subscribe'] });
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

  it('reaches neither the network nor files beyond its own', async () => {
    const statuses = await person.page.evaluate(async () => {
      const urls = [
        'https://example.org/',
        'http://127.0.0.1:1/',
        'file:///etc/hostname',
        'app://conclave/..%2f..%2fpackage.json',
        'app://conclave/../../package.json',
        'app://other/index.html',
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
    expect(statuses).toEqual(['refused', 'refused', 'refused', 404, 404, 'refused']);
  });

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

  it('has two permissions and no other', async () => {
    const states = await person.page.evaluate(async () => {
      const names = ['notifications', 'geolocation', 'camera', 'microphone', 'clipboard-read', 'midi'];
      const state = async (name: string) =>
        `${name}: ${(await navigator.permissions.query({ name: name as PermissionName })).state}`;
      return Promise.all(names.map(state));
    });
    expect(states.filter((state) => state.endsWith('granted'))).toEqual(['notifications: granted']);
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

describe('the app', () => {
  it('hands the link of a second launch to the page', async () => {
    await person.page.evaluate(() => {
      window.conclave!.subscribe((event) => {
        // Which of the two depends on whether it can be read already, without an identity.
        if (event.type === 'notice') document.documentElement.dataset['link'] = event.text;
        if (event.type === 'invite.opened') document.documentElement.dataset['link'] = event.invite;
      });
    });
    await person.app.evaluate(({ app }) => {
      app.emit('second-instance', {}, ['electron', '.', 'conclave:AAAA'], '/', {});
    });
    await person.page.waitForFunction(() =>
      /invite|conclave:AAAA/.test(document.documentElement.dataset['link'] ?? ''),
    );
  });
});
