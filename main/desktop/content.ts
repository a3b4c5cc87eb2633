/**
 * Serves the app's own files as `app://conclave/…` with the headers that keep the page to itself. Which address means
 * which file is judged in urls.ts.
 */
import { protocol, type Protocol } from 'electron';
import { readFile } from 'node:fs/promises';
import type { Logger } from '../messenger/contract.ts';
import { appScheme, contentSecurityPolicy, rendererFile } from './urls.ts';

/** Must run before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

const headers: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), display-capture=(), usb=(), serial=(), hid=()',
};

export function serveAppFiles(scheme: Protocol, root: string, logger: Logger): void {
  scheme.handle(appScheme, async (request) => {
    const file = request.method === 'GET' ? rendererFile(request.url, root) : undefined;
    if (file === undefined) return new Response('Not found', { status: 404, headers });
    try {
      const content = new Uint8Array(await readFile(file.path));
      return new Response(content, { headers: { ...headers, 'content-type': file.contentType } });
    } catch (error) {
      logger.warn({ path: file.path, error }, 'a file of the app cannot be read');
      return new Response('Not found', { status: 404, headers });
    }
  });
}
