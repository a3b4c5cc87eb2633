/** Which address is ours, which file it means, what may be opened outside. */
import { relative, resolve, sep } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  contentSecurityPolicy,
  externalUrl,
  isOwnUrl,
  isPageUrl,
  isPermitted,
  isRequestAllowed,
  pageUrl,
  rendererFile,
} from '../../../main/desktop/urls.ts';

const root = resolve('/app/out/renderer');

const foreign = [
  '',
  'about:blank',
  'https://conclave/index.html',
  'file:///app/out/renderer/index.html',
  'app://evil/index.html',
  'app://conclave.evil/index.html',
  'app://conclave@evil/index.html',
  'app://evil@conclave/index.html',
  'app://conclave:80/index.html',
  'app:conclave/index.html',
  'apps://conclave/index.html',
  'javascript:alert(1)//app://conclave/index.html',
  'data:text/html,app://conclave/index.html',
  'blob:app://conclave/1',
  'view-source:app://conclave/index.html',
];

describe('an own address', () => {
  it('is app://conclave/ and nothing that looks like it', () => {
    expect(isOwnUrl(pageUrl)).toBe(true);
    expect(isOwnUrl('app://conclave/assets/x.js?y#z')).toBe(true);
    for (const url of foreign) {
      expect(isOwnUrl(url), url).toBe(false);
      expect(rendererFile(url, root), url).toBeUndefined();
      expect(isPageUrl(url), url).toBe(false);
    }
  });

  it('of the page has its path; its fragment is its own affair', () => {
    expect(isPageUrl('app://conclave/index.html#/groups/1')).toBe(true);
    expect(isPageUrl('app://conclave/')).toBe(false);
    expect(isPageUrl('app://conclave/assets/index.html')).toBe(false);
  });
});

describe('the file of an address', () => {
  it('lies below the root and has a content type', () => {
    expect(rendererFile(pageUrl, root)).toEqual({
      path: resolve(root, 'index.html'),
      contentType: 'text/html; charset=utf-8',
    });
    expect(rendererFile('app://conclave/assets/index-B1_x.js?v=1', root)).toEqual({
      path: resolve(root, 'assets/index-B1_x.js'),
      contentType: 'text/javascript; charset=utf-8',
    });
  });

  it.each([
    'app://conclave/',
    'app://conclave/assets/',
    'app://conclave//etc/passwd.js',
    'app://conclave/..%2fmain/index.js',
    'app://conclave/a%2f..%2f..%2fx.js',
    'app://conclave/..\\main\\index.js',
    'app://conclave/a/%5c..%5cx.js',
    'app://conclave/x.js%00.html',
    'app://conclave/.hidden.js',
    'app://conclave/index',
    'app://conclave/index.exe',
    'app://conclave/index.js.map',
    'app://conclave/C:/x.js',
  ])('is none for %s', (url) => {
    expect(rendererFile(url, root)).toBeUndefined();
  });

  it('of dots, encoded or not, ends at the root, where the URL parser stops them', () => {
    for (const dots of ['..', '../..', '%2e%2e', '%2E./%2e.'])
      expect(rendererFile(`app://conclave/${dots}/main/index.js`, root)?.path).toBe(resolve(root, 'main/index.js'));
  });

  it('never lies outside the root, whatever is asked for', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '..',
        '.',
        '/',
        '\\',
        '%2e',
        '%2f',
        '%5c',
        '%00',
        '//',
        '..;',
        'a',
        'index.html',
        '.js',
        ':',
        '~',
      ),
      fc.string({ maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const file = rendererFile(`app://conclave/${pieces.join('')}`, root);
        if (file === undefined) return;
        const inside = relative(root, file.path);
        expect(inside.split(sep)).not.toContain('..');
        expect(resolve(root, inside)).toBe(file.path);
        expect(file.path.startsWith(root + sep)).toBe(true);
        expect(file.path).not.toContain('\0');
      }),
      { numRuns: 5_000, seed: 6 },
    );
  });
});

describe('the policy for content', () => {
  it('starts from nothing and has no way around it', () => {
    const directives = contentSecurityPolicy.split('; ');
    expect(directives[0]).toBe("default-src 'none'");
    expect(contentSecurityPolicy).not.toMatch(/unsafe|\*|https?:|blob:|eval/);
    for (const name of ['form-action', 'frame-ancestors', 'base-uri']) expect(directives).toContain(`${name} 'none'`);
    for (const name of ['script-src', 'style-src', 'font-src', 'connect-src'])
      expect(directives).toContain(`${name} 'self'`);
  });
});

describe('an address outside', () => {
  it('is https without credentials, and short', () => {
    expect(externalUrl('https://example.org/a?b#c')?.href).toBe('https://example.org/a?b#c');
    const refused = [
      'http://example.org',
      'javascript:alert(1)',
      'file:///etc/passwd',
      'smb://host/share',
      'conclave:abc',
      'mailto:a@b',
      'ms-settings:x',
      'https://user@example.org',
      'https://user:word@example.org',
      'https://',
      'example.org',
      `https://example.org/${'x'.repeat(3000)}`,
      `https://example.org/${'é'.repeat(1000)}`,
    ];
    for (const url of refused) expect(externalUrl(url), url).toBeUndefined();
  });

  it('is never anything else, whatever is asked for', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl({ validSchemes: ['https', 'http', 'ftp'] }), fc.string()), (text) => {
        const url = externalUrl(text);
        if (url !== undefined) expect(url.href).toMatch(/^https:\/\/[^/@]+\//);
      }),
      { numRuns: 2_000, seed: 7 },
    );
  });
});

describe('what a page may ask for', () => {
  it('is its own files and inline data; the tools of development only in development', () => {
    expect(isRequestAllowed(pageUrl, false)).toBe(true);
    expect(isRequestAllowed('data:image/png;base64,AA==', false)).toBe(true);
    expect(isRequestAllowed('devtools://devtools/x.js', true)).toBe(true);
    expect(isRequestAllowed('devtools://devtools/x.js', false)).toBe(false);
    for (const url of [
      'https://example.org',
      'http://127.0.0.1',
      'ws://127.0.0.1',
      'file:///etc/passwd',
      'ftp://x',
      'x',
    ])
      for (const development of [true, false]) expect(isRequestAllowed(url, development), url).toBe(false);
  });

  it('is two permissions, of our own page', () => {
    for (const allowed of ['notifications', 'clipboard-sanitized-write']) {
      expect(isPermitted(allowed, pageUrl)).toBe(true);
      for (const url of foreign) expect(isPermitted(allowed, url)).toBe(false);
    }
    const refused = [
      'media',
      'geolocation',
      'clipboard-read',
      'midi',
      'openExternal',
      'hid',
      'fullscreen',
      'toString',
      '',
    ];
    for (const permission of refused) expect(isPermitted(permission, pageUrl), permission).toBe(false);
  });
});
