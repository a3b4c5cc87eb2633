/**
 * Packets of a future epoch, kept until the commit comes that makes them readable (§19.1, H-31). Bounded in number, bytes and
 * time; the oldest gives way.
 */
import { MAX_PARKED_BYTES, MAX_PARKED_PACKETS, PARKED_PACKET_MS } from '../../../../shared/limits.ts';
import type { Subtopic } from '../contract.ts';
import { count, hashOf, type Draft } from '../draft.ts';
import type { ParkedPacket } from '../state.ts';

/** Adds a packet to a list of parked ones; a repeated packet changes nothing. */
export function withParked(
  parked: readonly ParkedPacket[],
  packet: { readonly subtopic: Subtopic; readonly payload: Uint8Array },
  now: number,
): readonly ParkedPacket[] {
  const id = hashOf(packet.payload);
  if (parked.some((other) => other.id === id)) return parked;
  const kept = unexpired(parked, now).slice(1 - MAX_PARKED_PACKETS);
  let bytes = kept.reduce((total, other) => total + other.payload.length, packet.payload.length);
  let first = 0;
  for (; bytes > MAX_PARKED_BYTES && first < kept.length; first += 1) bytes -= kept[first]?.payload.length ?? 0;
  return [...kept.slice(first), { id, subtopic: packet.subtopic, payload: packet.payload.slice(), at: now }];
}

export function unexpired(parked: readonly ParkedPacket[], now: number): readonly ParkedPacket[] {
  const kept = parked.filter((packet) => now < packet.at + PARKED_PACKET_MS);
  return kept.length === parked.length ? parked : kept;
}

export function park(draft: Draft, subtopic: Subtopic, payload: Uint8Array): void {
  count(draft, 'Parked');
  draft.state.parked = withParked(draft.state.parked, { subtopic, payload }, draft.now);
}

/** Takes out all parked packets to try them again. */
export function unpark(draft: Draft): readonly ParkedPacket[] {
  const parked = unexpired(draft.state.parked, draft.now);
  draft.state.parked = [];
  return parked;
}
