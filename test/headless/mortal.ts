/**
 * The headless node as it is shipped, in a process that dies at a chosen write of its life: everything that becomes durable
 * passes here. For the crash tests alone. CONCLAVE_TEST_DEATH names a file with one number: how many moments are left. Without
 * the file nothing is counted.
 */
import fs, { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import Sqlite, { type Database, type Statement } from 'better-sqlite3';

const deathFile = process.env['CONCLAVE_TEST_DEATH'] ?? '';
/** Every statement and every call of the file system counts, not only those after which something else is on the disk. */
const isFine = process.env['CONCLAVE_TEST_FINE'] === '1';

/** This process may have to die now. */
function moment(): void {
  if (!existsSync(deathFile)) return;
  const left = Number(readFileSync(deathFile, 'utf8'));
  writeFileSync(deathFile, String(left - 1));
  if (left <= 1) process.kill(process.pid, 'SIGKILL');
}

/** A function of an object, with a moment after it, and before it where every one counts. */
function watch(owner: object, name: string, counts: (first: unknown) => boolean = () => true): void {
  const work = Reflect.get(owner, name) as (...given: readonly unknown[]) => unknown;
  Reflect.set(owner, name, function (this: unknown, ...given: readonly unknown[]): unknown {
    if (!counts(given[0])) return Reflect.apply(work, this, given);
    if (isFine) moment();
    const result = Reflect.apply(work, this, given);
    if (!(result instanceof Promise)) {
      moment();
      return result;
    }
    return result.then((value: unknown) => {
      moment();
      return value;
    });
  });
}

watch(fs, 'renameSync');
watch(fs.promises, 'rename');
if (isFine) for (const name of ['rmSync', 'writeSync', 'fsyncSync']) watch(fs, name);
syncBuiltinESMExports();

const database = Object.getPrototypeOf(new Sqlite(':memory:')) as Database;
const prepare = Reflect.get(database, 'prepare') as (sql: string) => Statement<unknown[]>;
Reflect.set(database, 'prepare', function (this: Database, sql: string) {
  const statement = Reflect.apply(prepare, this, [sql]);
  if (isFine || sql === 'COMMIT') watch(statement, 'run');
  return statement;
});
if (isFine) {
  watch(database, 'exec');
  watch(database, 'pragma', (source) => /checkpoint|version =/.test(String(source)));
}

await import(pathToFileURL(resolve(import.meta.dirname, '../../out/main/headless.js')).href);
