/** A child process that tries the keychain of the system and prints, as JSON, what each operation became. */
import { systemClock } from '../../../main/clock.ts';
import { createKeychain } from '../../../main/keychain/index.ts';

const keychain = createKeychain({ kind: 'os', account: process.argv[2] ?? 'none' }, systemClock);
const secret = { kind: 'phrase', entropy: new Uint8Array(16).fill(0x5e) } as const;
const outcomes: unknown[] = [];
for (const work of [() => keychain.write(secret), () => keychain.read(), () => keychain.remove()]) {
  try {
    outcomes.push({ value: (await work()) ?? null });
  } catch (error) {
    outcomes.push(
      error instanceof Error && 'code' in error && 'problem' in error
        ? { code: error.code, problem: error.problem, message: error.message }
        : { unexpected: String(error) },
    );
  }
}
process.stdout.write(JSON.stringify(outcomes));
