/**
 * Which address is ours, which file it means, and which address may be opened outside. Pure functions: the whole
 * judgement about URLs stands here.
 */
import { isAbsolute, join, relative, sep } from 'node:path';
import { MAX_EXTERNAL_URL_LENGTH } from '../../shared/limits.ts';

export const appScheme = 'app';
const appHost = 'conclave';
export const pageUrl = `${appScheme}://${appHost}/index.html`;

/** Nothing from anywhere but the app's own files, and no inline script or style. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

function parse(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** Whether an address belongs to the app's own pages. */
export function isOwnUrl(text: string): boolean {
  const url = parse(text);
  return (
    url !== undefined &&
    url.protocol === `${appScheme}:` &&
    url.host === appHost &&
    url.username === '' &&
    url.password === ''
  );
}

/** Whether an address is the page that the window shows; its fragment and query are the page's own affair. */
export function isPageUrl(text: string): boolean {
  const url = parse(text);
  return url !== undefined && isOwnUrl(text) && url.pathname === new URL(pageUrl).pathname;
}

const contentTypes: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  webp: 'image/webp',
  woff2: 'font/woff2',
};

export interface RendererFile {
  readonly path: string;
  readonly contentType: string;
}

/** One folder or file: letters, digits, and - _ . inside, never at the start. What the bundler writes and no more. */
const SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/;

/** The file below `root` that an address of ours means; undefined for everything else. */
export function rendererFile(text: string, root: string): RendererFile | undefined {
  const url = parse(text);
  if (url === undefined || !isOwnUrl(text)) return undefined;
  // No decoding: our own files have no names that need it, and an encoded separator must not become one.
  const segments = url.pathname.slice(1).split('/');
  if (!segments.every((segment) => SEGMENT.test(segment))) return undefined;
  const contentType = contentTypes[segments.at(-1)?.split('.').at(-1) ?? ''];
  if (contentType === undefined) return undefined;
  const path = join(root, ...segments);
  const inside = relative(root, path);
  if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return undefined;
  return { path, contentType };
}

/** An address that may be offered to the browser: https, no credentials, short enough to be read. */
export function externalUrl(text: string): URL | undefined {
  if (text.length > MAX_EXTERNAL_URL_LENGTH) return undefined;
  const url = parse(text);
  if (url === undefined || url.protocol !== 'https:' || url.hostname === '') return undefined;
  if (url.username !== '' || url.password !== '' || url.href.length > MAX_EXTERNAL_URL_LENGTH) return undefined;
  return url;
}

/** Whether the page's session may fetch an address: its own files and inline images; the tools' own in development. */
export function isRequestAllowed(text: string, development: boolean): boolean {
  const url = parse(text);
  if (url === undefined) return false;
  return isOwnUrl(text) || url.protocol === 'data:' || (development && url.protocol === 'devtools:');
}

const permissions = ['notifications', 'clipboard-sanitized-write'] as const;

/** Whether a page may have a permission: two of them, and none but our own page. */
export function isPermitted(permission: string, requestingUrl: string): boolean {
  return permissions.some((allowed) => allowed === permission) && isOwnUrl(requestingUrl);
}
