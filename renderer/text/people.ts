/**
 * How a person is called in a sentence. Knows no language beyond what the catalogue hands in.
 */
import type { MemberId } from '../../shared/model/ids.ts';

/** A person as a sentence needs them: a name, and whether it is the reader. */
export interface Person {
  readonly memberId: MemberId;
  readonly name: string;
  readonly self: boolean;
}

/** The short form of a member id, for a person whose name was never told. */
export function shortMemberId(memberId: MemberId): string {
  return `${memberId.slice(0, 6)}…${memberId.slice(-4)}`;
}

export function personOf(memberId: MemberId, name: string | undefined, self: MemberId | undefined): Person {
  return {
    memberId,
    name: name === undefined || name === '' ? shortMemberId(memberId) : name,
    self: memberId === self,
  };
}
