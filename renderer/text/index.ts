/**
 * The words of the window. Every visible word comes from here; another language is one more catalogue of this type.
 */
import { english } from './english/index.ts';

/** Literal types widened: a translation has the same keys and the same parameters, not the same words. */
type Widen<T> = T extends (...args: infer A) => infer R
  ? (...args: A) => Widen<R>
  : T extends string
    ? string
    : T extends number
      ? number
      : { readonly [K in keyof T]: Widen<T[K]> };

export type Catalogue = Widen<typeof english>;

const catalogues: Readonly<Record<string, Catalogue>> = { en: english };

/** The catalogue of the first of the reader's languages that there is one for; English otherwise. */
export function catalogueFor(languages: readonly string[]): Catalogue {
  for (const language of languages) {
    const found = catalogues[language.toLowerCase().split('-')[0] ?? ''];
    if (found !== undefined) return found;
  }
  return english;
}

export const text: Catalogue = catalogueFor(navigator.languages);
