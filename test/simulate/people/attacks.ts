/** What a hostile member may do; hostile.ts carries each out. Names only. */
export const attacks = ['replay'] as const;

export type Attack = (typeof attacks)[number];
