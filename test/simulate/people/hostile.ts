/** Carries out attacks. */
import type { ConversationId } from '../../../shared/model/ids.ts';
import type { Watch } from '../check/watch.ts';
import type { Device } from '../world/device.ts';
import type { Ether } from '../world/network.ts';
import type { World } from '../world/world.ts';
import type { Attack } from './attacks.ts';

export interface AttackContext {
  readonly world: World;
  readonly ether: Ether;
  readonly watch: Watch;
  readonly device: Device;
  readonly target: Device;
  readonly conversationId: ConversationId;
}

/** A hostile member says again what it heard. */
export function attack(name: Attack, { world, ether, watch, device }: AttackContext): void {
  if (!device.isOnline()) return;
  watch.count(`attack ${name}`);
  for (const packet of world.dice.some(device.heard, 3)) ether.publish(device, packet);
}
