/**
 * Networks for tests: real libp2p nodes on loopback with real signatures, on a discovery port of their own so that
 * test files and other programs on this machine do not find each other.
 */
import { randomBytes } from 'node:crypto';
import os from 'node:os';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { createNetwork } from '../../../main/network/index.ts';
import type { HostEnvironment } from '../../../main/network/index.ts';
import type {
  Network,
  NetworkClock,
  NetworkEvent,
  NetworkLogger,
  NetworkOptions,
} from '../../../main/messenger/ports/network.ts';
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';

export const silentLogger: NetworkLogger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};

export const realClock: NetworkClock = {
  now: () => Date.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

export const conversation = (letter: string): ConversationId => letter.repeat(26) as ConversationId;

function checksummed(address: Uint8Array): MemberId {
  const digits = Buffer.from(address).toString('hex');
  const hash = Buffer.from(keccak_256(new TextEncoder().encode(digits))).toString('hex');
  return `0x${Array.from(digits, (d, i) => (parseInt(hash[i]!, 16) >= 8 ? d.toUpperCase() : d)).join('')}` as MemberId;
}

const memberOf = (publicKey: Uint8Array): MemberId => checksummed(keccak_256(publicKey.slice(1)).slice(12));

/** A member with a secp256k1 key, as the protocol has them. */
export function createIdentity(): NetworkOptions['identity'] {
  const { secretKey, publicKey } = secp256k1.keygen();
  return {
    memberId: memberOf(secp256k1.Point.fromBytes(publicKey).toBytes(false)),
    sign: (payload) => secp256k1.sign(payload, secretKey, { format: 'recovered' }),
  };
}

export const verify: NetworkOptions['verify'] = (memberId, payload, signature) => {
  const publicKey = secp256k1.recoverPublicKey(signature, payload);
  return memberOf(secp256k1.Point.fromBytes(publicKey).toBytes(false)) === memberId;
};

/** A port that no other test file is likely to use, in the range that nothing else takes by default. */
export const ownMdnsPort = (): number => 15_000 + Math.floor(Math.random() * 4_000);

export interface TestNetwork {
  readonly network: Network;
  readonly events: NetworkEvent[];
  readonly identity: NetworkOptions['identity'];
  /** Resolves with the first event, past or future, that fits. */
  waitFor<K extends NetworkEvent['kind']>(
    kind: K,
    fits?: (event: Extract<NetworkEvent, { kind: K }>) => boolean,
  ): Promise<Extract<NetworkEvent, { kind: K }>>;
}

const loopbackOnly = (): ReturnType<HostEnvironment['interfaces']> =>
  Object.fromEntries(
    Object.entries(os.networkInterfaces()).filter(([, list]) => list?.some(({ internal }) => internal)),
  );

/** Makes and starts a network on loopback, without discovery unless `mdns` says so. */
export async function startNetwork(
  options: Partial<Omit<NetworkOptions, 'listen'>> & {
    /** Left out: one address on loopback. `undefined`: as the network does by itself. */
    readonly listen?: readonly string[] | undefined;
    readonly mdnsPort?: number;
    readonly interfaces?: HostEnvironment['interfaces'];
  } = {},
): Promise<TestNetwork> {
  const { mdnsPort, interfaces = loopbackOnly, listen: _listen, ...rest } = options;
  const listen = 'listen' in options ? options.listen : ['/ip4/127.0.0.1/tcp/0'];
  const events: NetworkEvent[] = [];
  const listeners = new Set<(event: NetworkEvent) => void>();
  const identity = rest.identity ?? createIdentity();
  const network = await createNetwork(
    {
      privateKey: Uint8Array.from(randomBytes(32)),
      verify,
      mdns: false,
      onEvent: (event) => {
        events.push(event);
        for (const listener of listeners) listener(event);
      },
      clock: realClock,
      random: (length) => Uint8Array.from(randomBytes(length)),
      logger: silentLogger,
      allowPublicAddresses: false,
      ...(listen === undefined ? {} : { listen }),
      ...rest,
      identity,
    },
    { interfaces, ...(mdnsPort === undefined ? {} : { mdnsPort }) },
  );
  network.setProfile({ displayName: `Person ${network.peerId.slice(-4)}`, visibleNearby: true });
  await network.start();
  return {
    network,
    events,
    identity,
    waitFor: (kind, fits = () => true) => {
      type Wanted = Extract<NetworkEvent, { kind: typeof kind }>;
      const isWanted = (event: NetworkEvent): event is Wanted => event.kind === kind && fits(event as Wanted);
      const past = events.find(isWanted);
      if (past !== undefined) return Promise.resolve(past);
      return new Promise<Wanted>((resolve, reject) => {
        const timer = setTimeout(() => {
          listeners.delete(listener);
          reject(new Error(`no ${kind} arrived; got ${events.map((event) => event.kind).join(' ')}`));
        }, 15_000);
        const listener = (event: NetworkEvent): void => {
          if (!isWanted(event)) return;
          clearTimeout(timer);
          listeners.delete(listener);
          resolve(event);
        };
        listeners.add(listener);
      });
    },
  };
}

/** Waits until a condition holds, looking often; rejects after 15 s. */
export async function eventually(holds: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 15_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);
