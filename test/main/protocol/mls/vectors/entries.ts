/** The form of the official MLS vectors, as their own repository describes it: bytes in hexadecimal. */

interface TreeMath {
  readonly n_leaves: number;
  readonly n_nodes: number;
  readonly root: number;
  readonly left: readonly (number | null)[];
  readonly right: readonly (number | null)[];
  readonly parent: readonly (number | null)[];
  readonly sibling: readonly (number | null)[];
}

interface TreeValidation {
  readonly tree: string;
  readonly group_id: string;
  readonly resolutions: readonly (readonly number[])[];
  readonly tree_hashes: readonly string[];
}

interface TreeOperation {
  readonly tree_before: string;
  readonly proposal: string;
  readonly proposal_sender: number;
  readonly tree_hash_before: string;
  readonly tree_after: string;
  readonly tree_hash_after: string;
}

interface TreeKem {
  readonly group_id: string;
  readonly epoch: number;
  readonly confirmed_transcript_hash: string;
  readonly ratchet_tree: string;
  readonly leaves_private: readonly {
    readonly index: number;
    readonly encryption_priv: string;
    readonly signature_priv: string;
    readonly path_secrets: readonly { readonly node: number; readonly path_secret: string }[];
  }[];
  readonly update_paths: readonly {
    readonly sender: number;
    readonly update_path: string;
    readonly path_secrets: readonly (string | null)[];
    readonly commit_secret: string;
    readonly tree_hash_after: string;
  }[];
}

export interface CryptoBasics {
  readonly ref_hash: { readonly label: string; readonly value: string; readonly out: string };
  readonly expand_with_label: {
    readonly secret: string;
    readonly label: string;
    readonly context: string;
    readonly length: number;
    readonly out: string;
  };
  readonly derive_secret: { readonly secret: string; readonly label: string; readonly out: string };
  readonly derive_tree_secret: {
    readonly secret: string;
    readonly label: string;
    readonly generation: number;
    readonly length: number;
    readonly out: string;
  };
  readonly sign_with_label: {
    readonly priv: string;
    readonly pub: string;
    readonly content: string;
    readonly label: string;
    readonly signature: string;
  };
  readonly encrypt_with_label: Readonly<
    Record<'priv' | 'pub' | 'label' | 'context' | 'plaintext' | 'kem_output' | 'ciphertext', string>
  >;
}

interface KeySchedule {
  readonly group_id: string;
  readonly initial_init_secret: string;
  readonly epochs: readonly (Readonly<
    Record<
      | 'tree_hash'
      | 'commit_secret'
      | 'psk_secret'
      | 'confirmed_transcript_hash'
      | 'group_context'
      | 'joiner_secret'
      | 'welcome_secret'
      | 'init_secret'
      | 'sender_data_secret'
      | 'encryption_secret'
      | 'exporter_secret'
      | 'epoch_authenticator'
      | 'external_secret'
      | 'confirmation_key'
      | 'membership_key'
      | 'resumption_psk'
      | 'external_pub',
      string
    >
  > & {
    readonly exporter: {
      readonly label: string;
      readonly context: string;
      readonly length: number;
      readonly secret: string;
    };
  })[];
}

interface SecretTree {
  readonly sender_data: Readonly<Record<'sender_data_secret' | 'ciphertext' | 'key' | 'nonce', string>>;
  readonly encryption_secret: string;
  readonly leaves: readonly (readonly (Readonly<
    Record<'handshake_key' | 'handshake_nonce' | 'application_key' | 'application_nonce', string>
  > & { readonly generation: number })[])[];
}

type TranscriptHashes = Readonly<
  Record<
    | 'confirmation_key'
    | 'authenticated_content'
    | 'interim_transcript_hash_before'
    | 'confirmed_transcript_hash_after'
    | 'interim_transcript_hash_after',
    string
  >
>;

interface PskSecret {
  readonly psks: readonly Readonly<Record<'psk_id' | 'psk' | 'psk_nonce', string>>[];
  readonly psk_secret: string;
}

export type MessageProtection = Readonly<
  Record<
    | 'group_id'
    | 'tree_hash'
    | 'confirmed_transcript_hash'
    | 'signature_priv'
    | 'signature_pub'
    | 'encryption_secret'
    | 'sender_data_secret'
    | 'membership_key'
    | 'proposal'
    | 'proposal_priv'
    | 'proposal_pub'
    | 'commit'
    | 'commit_priv'
    | 'commit_pub'
    | 'application'
    | 'application_priv',
    string
  >
> & { readonly epoch: number };

type Welcome = Readonly<Record<'init_priv' | 'key_package' | 'signer_pub' | 'welcome', string>>;

export type Messages = Readonly<
  Record<
    | 'mls_welcome'
    | 'mls_group_info'
    | 'mls_key_package'
    | 'ratchet_tree'
    | 'group_secrets'
    | 'add_proposal'
    | 'update_proposal'
    | 'remove_proposal'
    | 'pre_shared_key_proposal'
    | 're_init_proposal'
    | 'external_init_proposal'
    | 'group_context_extensions_proposal'
    | 'commit'
    | 'public_message_application'
    | 'public_message_proposal'
    | 'public_message_commit'
    | 'private_message',
    string
  >
>;

interface Deserialization {
  readonly vlbytes_header: string;
  readonly length: number;
}

export interface PassiveClient {
  readonly external_psks: readonly { readonly psk_id: string; readonly psk: string }[];
  readonly key_package: string;
  readonly signature_priv: string;
  readonly encryption_priv: string;
  readonly init_priv: string;
  readonly welcome: string;
  readonly ratchet_tree: string | null;
  readonly initial_epoch_authenticator: string;
  readonly epochs: readonly {
    readonly proposals: readonly string[];
    readonly commit: string;
    readonly epoch_authenticator: string;
  }[];
}

/** An entry of each file. */
export interface VectorFiles {
  'tree-math.json': TreeMath;
  'tree-validation.json': TreeValidation;
  'tree-operations.json': TreeOperation;
  'treekem.json': TreeKem;
  'crypto-basics.json': CryptoBasics;
  'key-schedule.json': KeySchedule;
  'secret-tree.json': SecretTree;
  'transcript-hashes.json': TranscriptHashes;
  'psk_secret.json': PskSecret;
  'message-protection.json': MessageProtection;
  'welcome.json': Welcome;
  'messages.json': Messages;
  'deserialization.json': Deserialization;
  'passive-client-welcome.json': PassiveClient;
  'passive-client-handling-commit.json': PassiveClient;
  'passive-client-random.json': PassiveClient;
}
