/** What a hostile member may do; hostile.ts says how. Names only. */
export const attacks = [
  'replay',
  'garbage',
  'flood',
  'voteTwice',
  'voteAsOthers',
  'inventVoters',
  'wrongElectorate',
  'twoPayloads',
  'squatSelfLeave',
  'banRequest',
  'unapprovedCommit',
  'unapprovedJoin',
  'forgedCertificate',
  'twoCandidates',
  'forgedSteward',
  'silence',
  'withholdWelcomes',
  'rogueWelcome',
  'rogueSync',
  'rogueReset',
  'bogusElection',
  'bogusEmergency',
  'lyingBeacon',
] as const;

export type Attack = (typeof attacks)[number];

export const isAttack = (name: string): name is Attack => attacks.some((attack) => attack === name);
