/** How long a membership change waits for a steward to propose it (§11.5). Arithmetic only; the buffer is the conversation's. */

/** Whether an entry is dropped after a commit: first_seen < max(0, epoch - max age). §11.5 */
export function pendingUpdateExpired(firstSeenEpoch: bigint, epoch: bigint, maxAgeEpochs: number): boolean {
  return firstSeenEpoch < epoch - BigInt(maxAgeEpochs);
}
