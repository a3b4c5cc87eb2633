/**
 * Takes standard output for the protocol alone: whatever else writes to it, such as a library's console.log, ends up
 * on standard error.
 */
import { Writable } from 'node:stream';

/** The stream that still reaches standard output. Call it once, before anything else runs. */
export function takeStandardOutput(): Writable {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  // Whoever read the log has gone; there is nobody left to tell.
  stderr.on('error', () => {});

  const protocol = new Writable({
    decodeStrings: false,
    write(chunk: string | Uint8Array, _encoding, done) {
      write(chunk, done);
    },
  });
  stdout.on('error', (error: Error) => protocol.destroy(error));
  return protocol;
}
