/** A child process that opens a profile, tells its id, and holds it until it is killed or its input ends. */
import { systemClock } from '../../../main/clock.ts';
import { openProfile } from '../../../main/storage/index.ts';

const profile = openProfile(process.argv[2] ?? '', (length) => systemClock.random(length));
process.stdout.write(profile.profileId);
process.stdin.resume().on('end', () => {
  profile.close();
});
