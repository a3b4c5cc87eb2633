/**
 * What the node needs of a secret store: one root secret per profile. Types only; `main/keychain/` implements them.
 * The root secret never appears in an error or a log.
 */

/** From which everything else derives: 16 bytes of BIP-39 entropy, or a raw secp256k1 private key that a person brought. */
export type RootSecret =
  | { readonly kind: 'phrase'; readonly entropy: Uint8Array }
  | { readonly kind: 'privateKey'; readonly privateKey: Uint8Array };

/** Every method rejects with KeychainError (code KEYCHAIN_UNAVAILABLE, a sentence saying what to install or which flag to use). */
export interface Keychain {
  readonly kind: 'os' | 'file';
  /** Undefined when there is no entry. */
  read(): Promise<RootSecret | undefined>;
  write(secret: RootSecret): Promise<void>;
  remove(): Promise<void>;
}
