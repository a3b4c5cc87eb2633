/**
 * Loaded before anything else by a process that simulates without a rule: changes the sources that keep the rule while Node reads them.
 * The rule is named by the environment variable SIMULATE_WITHOUT.
 */
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isRule, rules, type Cut } from './rules.ts';

const root = new URL('../../../', import.meta.url);

export function applyCuts(source: string, cuts: readonly Cut[]): string {
  return cuts.reduce((text, { file, from, to }) => {
    const parts = text.split(from);
    if (parts.length !== 2)
      throw new Error(`${file} keeps the rule elsewhere: found ${parts.length - 1} times: ${from}`);
    return parts.join(to);
  }, source);
}

const name = process.env['SIMULATE_WITHOUT'];
if (name !== undefined) {
  if (!isRule(name)) throw new Error(`there is no rule ${name} to switch off`);
  const cuts: readonly Cut[] = rules[name].cuts;
  const files = new Map(cuts.map(({ file }) => [fileURLToPath(new URL(file, root)), file]));
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const file = url.startsWith('file:') ? files.get(fileURLToPath(url)) : undefined;
      if (file === undefined || loaded.source === undefined || loaded.source === null) return loaded;
      const text =
        typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString();
      return {
        ...loaded,
        source: applyCuts(
          text,
          cuts.filter((cut) => cut.file === file),
        ),
      };
    },
  });
}
