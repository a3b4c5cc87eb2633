/**
 * A decision as the group's journal keeps it, so that a stranger can check it later: the proposal with the votes that decided,
 * who was asked, and whether silence had a part. Knows no journal.
 */
import type { MemberId } from '../../../shared/model/ids.ts';
import type { ConsensusSession } from '../consensus/contract.ts';
import { memberIdToBytes } from '../identity/index.ts';
import { encodeDecisionEvidence, type Proposal } from '../wire/index.ts';

/** Of a session that accepted. */
export function evidenceOfSession({ proposal, roster, state }: ConsensusSession): Uint8Array {
  return evidenceOf(proposal, roster, state.kind === 'reached' && state.by === 'timeout');
}

/** Of a certificate that proved the decision to us; `electorate` is empty when nobody here remembers it. */
export function evidenceOfCertificate(proposal: Proposal, electorate: readonly MemberId[]): Uint8Array {
  return evidenceOf(proposal, electorate, false);
}

/** The round is the only thing of a proposal that no vote signs: it says nothing here. */
function evidenceOf(proposal: Readonly<Proposal>, electorate: readonly MemberId[], silence: boolean): Uint8Array {
  return encodeDecisionEvidence({
    proposal: { ...proposal, round: 0 },
    electorate: electorate.map(memberIdToBytes).sort((a, b) => Buffer.compare(a, b)),
    silence,
  });
}
