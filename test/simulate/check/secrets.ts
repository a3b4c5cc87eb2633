/**
 * Whether secrets are gone from a device's disk when their time is over: those of each epoch that ended, of each candidate that was not
 * chosen, and of the state that is kept for a while after a commit. Remembers the secrets themselves and looks for their bytes.
 */
import { FORK_GRACE_MIN_MS, PAST_EPOCH_MS } from '../../../shared/limits.ts';
import type { ConversationId } from '../../../shared/model/ids.ts';
import type { Step } from '../../../main/protocol/conversation/contract.ts';
import type { State } from '../../../main/protocol/conversation/index.ts';
import { MlsError, type MlsGroup } from '../../../main/protocol/mls/index.ts';
import { contentOf as realContentOf } from '../../../main/protocol/mls/group.ts';
import { contentOf as standInContentOf } from '../standIn/group.ts';
import type { Device } from '../world/device.ts';

type Active = State & { readonly kind: 'active' };

/** A deadline that has just come may not have been kept yet. */
const LATENESS_MS = 3_000;
/** Secrets that are remembered for each device; whatever is found gone is forgotten. */
const MAX_REMEMBERED = 64;
/** What is shorter is found anywhere. */
const LEAST_SECRET_BYTES = 16;

interface Secrets {
  /** With these one could speak, commit and reach the next epoch. */
  readonly epoch: readonly Uint8Array[];
  /** With these late messages of the epoch can be read (H-31). */
  readonly receive: readonly Uint8Array[];
}

interface Remembered {
  readonly what: string;
  readonly epoch: bigint;
  readonly forMs: number;
  readonly bytes: Uint8Array;
  /** By the device's clock, and by true time: a clock that was set shortens and lengthens nothing. */
  readonly goneBy: number;
  readonly trulyGoneBy: number;
}

interface ToRemember extends Pick<Remembered, 'what' | 'epoch' | 'forMs'> {
  readonly secrets: readonly Uint8Array[];
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
const isSecret = (bytes: Uint8Array): boolean => bytes.length >= LEAST_SECRET_BYTES;

function secretsOf(group: MlsGroup): Secrets {
  try {
    const { epoch, application } = standInContentOf(group);
    const { init, handshake, exporter, senderData } = epoch.secrets;
    return {
      epoch: [init, handshake, exporter],
      receive: [senderData, ...application.map(({ secret }) => secret)].filter(isSecret),
    };
  } catch (error) {
    if (!(error instanceof MlsError)) throw error;
    const { epoch, application } = realContentOf(group);
    const { initSecret, exporterSecret, senderDataSecret } = epoch.keySchedule;
    return {
      epoch: [initSecret, exporterSecret].filter(isSecret),
      receive: [senderDataSecret, ...application.map(({ secret }) => secret)].filter(isSecret),
    };
  }
}

/** Equal for the same state of an epoch. */
const mlsState = (group: MlsGroup): string =>
  secretsOf(group)
    .epoch.map((bytes) => bufferOf(bytes).toString('hex'))
    .join();

const candidateOf = ({ round }: Active): MlsGroup | undefined =>
  round?.candidates.find((candidate) => candidate.kind === 'own')?.next;

export class SecretWatch {
  readonly #remembered = new Map<Device, Remembered[]>();

  /** Notes what has to go after this step, and by when. */
  installed(device: Device, { before, after }: Pick<Step<State>, 'before' | 'after'>, trueNow: number): void {
    if (before?.kind !== 'active') return;
    const candidate = candidateOf(before);
    const group = after?.kind === 'active' ? after.group : undefined;
    if (group === undefined || group.epoch > before.group.epoch) this.#epochEnded(device, before, trueNow);
    else if (group !== before.group && mlsState(group) !== mlsState(before.group)) {
      // Another commit took the place of one: the epoch before was the present once more, and has just ended again (H-27).
      this.#epochEnded(device, before, trueNow);
      this.#endedAgain(device, group.epoch - 1n, trueNow);
    }
    if (candidate !== undefined && (after?.kind !== 'active' || candidateOf(after) !== candidate))
      this.#remember(device, trueNow, {
        what: `a candidate for epoch ${candidate.epoch}`,
        epoch: candidate.epoch,
        secrets: secretsOf(candidate).epoch,
        forMs: 0,
      });
  }

  /** A step could not be made durable: nothing of it happened. */
  dropped(device: Device, { before }: Pick<Step<State>, 'before'>): void {
    const since = before?.kind === 'active' ? before.group.epoch : -1n;
    const remembered = this.#remembered.get(device) ?? [];
    this.#remembered.set(
      device,
      remembered.filter(({ epoch }) => epoch < since),
    );
  }

  /** What ended at this very moment may never have become durable. */
  crashed(device: Device, trueNow: number): void {
    const remembered = this.#remembered.get(device) ?? [];
    this.#remembered.set(
      device,
      remembered.filter(({ trulyGoneBy, forMs }) => trulyGoneBy - forMs < trueNow),
    );
  }

  #epochEnded(device: Device, { group, rules }: Active, trueNow: number): void {
    const { epoch, receive } = secretsOf(group);
    const graceMs = Math.max(rules.settings.freezeMs, FORK_GRACE_MIN_MS);
    const about = { epoch: group.epoch };
    this.#remember(device, trueNow, { ...about, what: `epoch ${group.epoch}`, secrets: epoch, forMs: graceMs });
    const what = `what reads epoch ${group.epoch}`;
    this.#remember(device, trueNow, { ...about, what, secrets: receive, forMs: PAST_EPOCH_MS });
  }

  #remember(device: Device, trueNow: number, { secrets, ...about }: ToRemember): void {
    const until = { goneBy: device.now + about.forMs, trulyGoneBy: trueNow + about.forMs };
    const more = secrets.map((bytes) => ({ ...about, ...until, bytes }));
    this.#remembered.set(device, [...(this.#remembered.get(device) ?? []), ...more].slice(-MAX_REMEMBERED));
  }

  #endedAgain(device: Device, epoch: bigint, trueNow: number): void {
    const remembered = (this.#remembered.get(device) ?? []).map((secret) =>
      secret.epoch === epoch
        ? { ...secret, goneBy: device.now + secret.forMs, trulyGoneBy: trueNow + secret.forMs }
        : secret,
    );
    this.#remembered.set(device, remembered);
  }

  /** Secrets that should be gone and are there. */
  overdue(device: Device, conversationId: ConversationId, trueNow: number): string[] {
    const remembered = this.#remembered.get(device) ?? [];
    if (remembered.length === 0 || !device.isOnline() || device.isFull) return [];
    if (device.upSince > trueNow - LATENESS_MS) return [];
    const due = remembered.filter(
      ({ goneBy, trulyGoneBy }) => goneBy < device.now - LATENESS_MS && trulyGoneBy < trueNow - LATENESS_MS,
    );
    if (due.length === 0) return [];
    const inUse = this.#inUse(device, conversationId);
    const parts = [...(device.disk.shelves.get(conversationId)?.parts ?? [])];
    const overdue = due.flatMap((secret) => {
      if (inUse.some((bytes) => Buffer.compare(bytes, secret.bytes) === 0)) return [];
      const places = parts.filter(([, bytes]) => bufferOf(bytes).includes(bufferOf(secret.bytes)));
      return places.map(([name]) => ({ secret, detail: `a secret of ${secret.what} is still stored in ${name}` }));
    });
    const kept = remembered.filter((secret) => !due.includes(secret) || overdue.some((each) => each.secret === secret));
    this.#remembered.set(device, kept);
    return [...new Set(overdue.map(({ detail }) => detail))];
  }

  /** Secrets of the present: an epoch that was given up for another may be the present one again. */
  #inUse(device: Device, conversationId: ConversationId): readonly Uint8Array[] {
    const state = device.active(conversationId);
    if (state === undefined) return [];
    const candidate = candidateOf(state);
    const present = [state.group, ...(candidate === undefined ? [] : [candidate])].map(secretsOf);
    // The second commit of an epoch lengthens what is kept of it by as long as a beacon takes (H-27).
    const { grace } = state;
    const kept = grace !== undefined && grace.until > device.now - LATENESS_MS ? [secretsOf(grace.before.group)] : [];
    return [...present, ...kept].flatMap(({ epoch, receive }) => [...epoch, ...receive]);
  }
}
