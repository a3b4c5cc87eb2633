/**
 * The picture of an id: two colours, a shape and its turn, chosen by a hash. Two people of one name do not look alike.
 * Pure; every colour is dark enough for white initials (contrast of 4.5 or more).
 */
export interface AvatarShape {
  readonly ground: string;
  readonly figure: string;
  /** An SVG path on a square of 40 units. */
  readonly path: string;
  readonly turn: number;
}

const COLOURS = [
  '#0b6b64',
  '#1d5fa8',
  '#5a4bb0',
  '#8a3f9c',
  '#a8326b',
  '#a83a32',
  '#8f5200',
  '#66650e',
  '#2f6f2b',
  '#3c5a73',
  '#6b5147',
  '#4f5866',
] as const;

const PATHS = [
  'M0 0H40L0 40Z',
  'M0 20A20 20 0 0 1 40 20V0H0Z',
  'M20 0L40 20L20 40L0 20Z',
  'M0 0H20V40H0Z',
  'M0 0H14V14H0ZM26 26H40V40H26Z',
  'M0 0A40 40 0 0 1 40 40H0Z',
  'M20 6A14 14 0 1 1 19.9 6Z',
  'M0 13H40V27H0Z',
] as const;

/** FNV-1a over the id's characters, finished so that near ids differ everywhere. */
function hashOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index++) {
    hash ^= id.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x7feb352d);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x846ca68b);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const at = <T>(list: readonly [T, ...T[]], index: number): T => list[index % list.length] ?? list[0];

export function avatarShape(id: string): AvatarShape {
  const hash = hashOf(id.toLowerCase());
  const first = hash % COLOURS.length;
  const step = 1 + ((hash >>> 5) % (COLOURS.length - 1));
  return {
    ground: at(COLOURS, first),
    figure: at(COLOURS, first + step),
    path: at(PATHS, hash >>> 12),
    turn: ((hash >>> 18) % 4) * 90,
  };
}

/** One or two letters of a name: of its first and last word. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const letter = (word: string | undefined): string => [...new Intl.Segmenter().segment(word ?? '')][0]?.segment ?? '';
  return `${letter(words[0])}${words.length > 1 ? letter(words.at(-1)) : ''}`.toLocaleUpperCase();
}
