/**
 * Every size, count and duration that bounds anything, with one line of reason each.
 * Knows no layer; a bound that the protocol fixes names its section of the protocol's text.
 */

/** One JSON-RPC line on stdin: room for a 16 KiB text in the worst JSON escaping, and a batch. */
export const MAX_RPC_LINE_BYTES = 1024 * 1024;
/** Requests in one JSON-RPC batch. */
export const MAX_RPC_BATCH = 64;
/** A person's name as others see it, in characters. */
export const MAX_DISPLAY_NAME_LENGTH = 64;
/** A group's name as people see it, in characters. */
export const MAX_CONVERSATION_NAME_LENGTH = 64;
/** Chat text in UTF-8 bytes (§18.5). */
export const MAX_MESSAGE_TEXT_BYTES = 16 * 1024;
/** A draft, in characters: four times a message, so that what is too long to be sent is not lost before it was made shorter. */
export const MAX_DRAFT_LENGTH = 4 * MAX_MESSAGE_TEXT_BYTES;
/** Reason of a proposal, in characters: fits a vote card. */
export const MAX_REASON_LENGTH = 500;
/** A `conclave:` link in characters: what one QR code of level L still holds. */
export const MAX_INVITE_LENGTH = 2900;
/** Addresses that travel in one invite. */
export const MAX_INVITE_ADDRESSES = 16;
/** A multiaddr in its text form. */
export const MAX_ADDRESS_LENGTH = 256;
/** Rows that one list method returns at most. */
export const MAX_PAGE_SIZE = 200;
/** Any packet's payload (§18.5). */
export const MAX_PACKET_BYTES = 256 * 1024;
/** A commit candidate's own limit (§18.5). */
export const MAX_CANDIDATE_BYTES = 512 * 1024;
/** Proposal payload, evidence and name (§18.5). */
export const MAX_PROPOSAL_PAYLOAD_BYTES = 64 * 1024;
export const MAX_EVIDENCE_BYTES = 1024;
export const MAX_PROPOSAL_NAME_BYTES = 128;
/** One record of a group's journal: a full candidate's changes, each with a full electorate and as many signed votes. */
export const MAX_JOURNAL_RECORD_BYTES = 8 * 1024 * 1024;
/** Commits that a joiner remembers until it learns the head of the journal: it asks for it every ten seconds. */
export const MAX_COMMITS_BEFORE_SYNC = 64;
/** MLS proposals in one candidate (§7.1, §18.5). */
export const MAX_CANDIDATE_PROPOSALS = 50;
/** A key package (§18.5). */
export const MAX_KEY_PACKAGE_BYTES = 16 * 1024;
/** Members of one conversation: the largest group that the benchmarks of MLS cover. */
export const MAX_MEMBERS = 256;
/** Consensus sessions kept per conversation (H-18). */
export const MAX_SESSIONS = 64;
/** Open sessions per proposer once all places are taken (H-18). */
export const MAX_ACTIVE_SESSIONS_PER_PROPOSER = 4;
/** Outcomes remembered against duplicates (§11.6). */
export const MAX_RESOLVED_PROPOSALS = 256;
/** Commit hashes remembered against duplicates (§11.6). */
export const MAX_COMMITTED_HASHES = 10;
/** Pending membership updates, and those from non-members per minute (H-37). */
export const MAX_PENDING_UPDATES = 64;
/**
 * H-37 allows 4; ours are counted only after their invite MAC verified, and a room full of people may open one link at once.
 */
export const MAX_ANNOUNCEMENTS_PER_MINUTE = 32;
/** Own chat that waits to be encrypted, while a change settles or nobody is there (H-31): a long evening of writing alone. */
export const MAX_QUEUED_MESSAGES = 500;
/** Packets of a future epoch parked until the commit arrives, and for how long (§19.1). */
export const MAX_PARKED_PACKETS = 256;
export const PARKED_PACKET_MS = 120_000;
/** Receive secrets of past epochs: how many epochs, how long (H-31). */
export const PAST_EPOCHS_KEPT = 2;
export const PAST_EPOCH_MS = 120_000;
/** Clock skew that is tolerated (H-22). */
export const MAX_CLOCK_SKEW_MS = 120_000;
/** Own payload hashes kept for the self-echo filter (H-32). */
export const MAX_OWN_PAYLOAD_HASHES = 512;
/** A joiner repeats its announcement this often while it waits (§8.3). */
export const ANNOUNCE_INTERVAL_MS = 30_000;
/** Key package lifetime and tolerated clock error at its start (§7.1). */
export const KEY_PACKAGE_LIFETIME_MS = 84 * 24 * 3_600_000;
export const KEY_PACKAGE_NOT_BEFORE_MS = 3_600_000;
/** One gossip packet on a conversation's topic: a candidate with its envelope is the largest. */
export const MAX_TOPIC_PACKET_BYTES = MAX_CANDIDATE_BYTES + 4 * 1024;
/** One gossip RPC: a few of the largest packets that a peer asked for at once. */
export const MAX_GOSSIP_RPC_BYTES = 4 * 1024 * 1024;
/** Bytes queued towards one slow peer before its gossip stream is given up and made anew. */
export const MAX_GOSSIP_BACKLOG_BYTES = 8 * 1024 * 1024;
/** Packets that one neighbour may pass on: a burst, and a lasting rate a second; the fastest honest burst measured is 5,600 a second. */
export const GOSSIP_BURST_PACKETS = 8_000;
export const GOSSIP_PACKETS_PER_SECOND = 2_000;
/** Equal bytes within this time are delivered once: under ANNOUNCE_INTERVAL_MS, since a repeated announcement must arrive. */
export const REPEATED_PACKET_MS = 20_000;
/** Hashes of delivered and published packets that are remembered for it. */
export const MAX_REMEMBERED_PACKETS = 8_192;
/** Open libp2p connections, and half-open ones: a large LAN, several nodes on one host. */
export const MAX_CONNECTIONS = 128;
export const MAX_PENDING_CONNECTIONS = 32;
/** Yamux streams per connection: gossip, identify, ping, hello, invite, and room. */
export const MAX_STREAMS_PER_CONNECTION = 64;
/** Peers in the address book, and addresses of each. */
export const MAX_KNOWN_PEERS = 256;
export const MAX_PEER_ADDRESSES = 16;
/** One frame of a direct protocol: a hello with every address at full length. */
export const MAX_DIRECT_FRAME_BYTES = 8 * 1024;
/** One frame of a catch-up channel: the largest packet with what describes it. */
export const MAX_CHANNEL_FRAME_BYTES = MAX_TOPIC_PACKET_BYTES + 4 * 1024;
/** Bytes that a channel keeps in either direction before the faster side waits, beside the frame that is under way. */
export const MAX_CHANNEL_BACKLOG_BYTES = 256 * 1024;
/** Bytes that a peer may send on one stream before we took the first of them: its memory here, times the streams. */
export const MAX_STREAM_WINDOW_BYTES = 1024 * 1024;
/** Catch-up channels that one peer may open: a burst, then one in this time; honest ones open one in some seconds. */
export const CATCH_UP_BURST = 16;
export const CATCH_UP_REFILL_MS = 2_000;
/** A direct exchange must be over by then. */
export const DIRECT_EXCHANGE_MS = 5_000;
/** Hellos that one peer may ask for: a burst, then one in this time. */
export const HELLO_BURST = 8;
export const HELLO_REFILL_MS = 3_000;
/** Invites that one peer may offer a minute. */
export const MAX_INVITE_OFFERS_PER_MINUTE = 5;
/** Redialling: first delay and longest delay. */
export const REDIAL_FIRST_MS = 500;
export const REDIAL_LONGEST_MS = 30_000;
/** One dial, and one address of it. */
export const DIAL_MS = 10_000;
export const DIAL_ADDRESS_MS = 2_500;
/** A connection is probed this often, and given up when a probe takes longer than the second. */
export const PROBE_INTERVAL_MS = 3_000;
export const PROBE_LONGEST_MS = 6_000;
/** A connection that there is reason to doubt is given up when a probe takes longer: another is dialled meanwhile or at once. */
export const DOUBTED_PROBE_MS = 4_000;
/** Interfaces of the host are compared this often: who moves is to be back in its groups within 10 s. */
export const INTERFACE_POLL_MS = 1_000;
/** A timer that comes so much too late tells of a sleep: longer than any work holds the event loop. */
export const SLEEP_GAP_MS = 5_000;
/** A listener stays so long after its address went: a cable that is put back finds it, a laptop on the road does not collect them. */
export const STALE_LISTENER_MS = 30_000;
/** Questions are asked this often once the first, quick ones are over. */
export const MDNS_QUERY_MS = 10_000;
/** Discovery packets that are looked at a second; a flood beyond is dropped unread. */
export const MAX_MDNS_PACKETS_PER_SECOND = 200;
/** A member id in raw bytes: an Ethereum address (§18.5). */
export const MEMBER_ID_BYTES = 20;
/** A member's signature `r || s || v` (§10.4). */
export const MEMBER_SIGNATURE_BYTES = 65;
/** Member ids whose EIP-55 form is remembered: 16 of the largest groups. */
export const MAX_CACHED_MEMBER_IDS = 4096;
/** Identity bindings that were verified and need not be recovered again (H-10): 16 of the largest groups, 0.9 ms each. */
export const MAX_CACHED_BINDINGS = 4096;
/** X25519 and Ed25519 public keys kept in the form that the runtime wants: both keys of 4 of the largest groups. */
export const MAX_CACHED_PUBLIC_KEYS = 2048;
/** Skipped messages of one sender that may still arrive: gossip and catch-up reorder far more than the five of §7.1. */
export const MAX_OUT_OF_ORDER_MESSAGES = 256;
/** How far ahead of the last seen message of a sender the next may be (§7.1). */
export const MAX_FORWARD_MESSAGES = 1000;
/** Padding of chat: small texts look alike in steps of 64 bytes, long ones in steps of 256 (§7.1). */
export const PADDING_STEP_BYTES = 64;
export const PADDING_SMALL_BYTES = 1024;
export const PADDING_LARGE_STEP_BYTES = 256;
/** A candidate that is caught up may add a key package which expired since: as long as the log reaches back (architecture 5). */
export const KEY_PACKAGE_CATCH_UP_MS = 14 * 24 * 3_600_000;
/** An identity on the wire (§18.5); a member id is exactly 20. */
export const MAX_IDENTITY_BYTES = 64;
/** A conversation id on the wire (§18.5). */
export const MAX_CONVERSATION_ID_BYTES = 64;
/** A hash, nonce or authenticator field: SHA-256 is 32, SHA-512 would be 64. */
export const MAX_HASH_BYTES = 64;
/** A signature field: 65 in the wallet scheme, room for another scheme. */
export const MAX_SIGNATURE_BYTES = 128;
/** A MAC field: HMAC-SHA-256 is 32. */
export const MAX_MAC_BYTES = 64;
/** An invite secret field: ours is 32. */
export const MAX_INVITE_SECRET_BYTES = 64;
/** `message_id` and `reply_to` as they travel: a UUID in its text form. */
export const MAX_WIRE_MESSAGE_ID_LENGTH = 36;
/** The untrusted display form of a sender (H-30): an address in hex, or a word. */
export const MAX_WIRE_SENDER_LENGTH = 128;
/** Members that a group remembers to have removed by vote: four full groups. */
export const MAX_VOTED_OUT = 1024;
/** The secret of an invite (H-33). */
export const INVITE_SECRET_BYTES = 32;
/** Inputs that one conversation's mailbox takes into one transaction: enough to share the fsync, few enough to stay quick. */
export const MAX_MAILBOX_BATCH = 64;
/** Packets that wait for one conversation; a full group's burst of votes and messages fits. */
export const MAX_MAILBOX_PACKETS = 2048;
/** Of these, packets of an exchange may take so many: it waits, and gossip does not. */
export const MAX_DELIVERED_PACKETS = 256;
/** Commands of this person that wait for one conversation. */
export const MAX_MAILBOX_COMMANDS = 512;
/** Pause after the store refused a transaction, in ms. */
export const STORAGE_RETRY_MS = 1000;
/** Pause before a deadline's step that failed is tried again, in ms. */
export const WAKE_RETRY_MS = 30_000;
/** First and longest pause before the outbox tries again with somebody there who did not take the packet, in ms. */
export const OUTBOX_RETRY_MS = 500;
export const OUTBOX_RETRY_MAX_MS = 30_000;
/** Decided votes that `proposal.list` shows. */
export const MAX_RECENT_PROPOSALS = 50;
/** Known peers' addresses are written this long after they changed, in ms: they change in bursts. */
export const PEER_SAVE_DELAY_MS = 3000;
/** Pause before an address from the command line is dialled again, in ms. */
export const CONNECT_RETRY_MS = 3000;
/** Words of a recovery phrase, and the random bytes that they stand for: what wallets use by default (BIP-39). */
export const RECOVERY_PHRASE_WORDS = 12;
export const ROOT_ENTROPY_BYTES = 16;
/** One part of a conversation's state in the store: the MLS state of the largest group with its past epochs is 1 MiB. */
export const MAX_STATE_PART_BYTES = 16 * 1024 * 1024;
/** One JSON value in the store, in bytes: a vote with 256 voters is 40 KiB, the last view of the largest group 200 KiB. */
export const MAX_STORED_JSON_BYTES = 1024 * 1024;
/** Peers that the store remembers, the ones seen last. */
export const MAX_STORED_PEERS = 512;
/** How long a statement waits for another process that holds the database, in ms: it blocks the event loop. */
export const DATABASE_BUSY_MS = 2000;
/** Prompts of a keychain that nobody answers are given up after this time, in ms. */
export const KEYCHAIN_PROMPT_MS = 60_000;
/** A stored root secret and a profile's description are this small, in bytes. */
export const MAX_SECRET_FILE_BYTES = 4096;
/** Longest life of a voting proposal (H-22). */
export const MAX_PROPOSAL_LIFETIME_SECONDS = 24 * 3600;
/** Time after the voting window in which the last votes may still arrive (H-3). */
export const VOTE_GRACE_MS = 2_000;
/** Equivocations remembered per conversation: evidence for people, the newest count. */
export const MAX_EQUIVOCATIONS = 64;
/** Draws of a random proposal id before giving up: only a broken generator repeats a taken one so often. */
export const MAX_ID_DRAWS = 32;
/** Calls that one transport (standard input, the window) may have in flight; the next one waits or is refused. */
export const MAX_CALLS_IN_FLIGHT = 256;
/** Events that wait for a reader; when it falls further behind they are dropped and `events.lost` says so. */
export const MAX_QUEUED_EVENTS = 8192;
/** Events handed to the window at once: one IPC message stays under a few MiB. */
export const MAX_EVENT_BATCH = 256;
/** Events (opened links, notices) kept for a window that does not listen yet. */
export const MAX_HELD_EVENTS = 8;
/** Event handlers on one page: a store and a few views. */
export const MAX_SUBSCRIBERS = 64;
/** Issues named by one INVALID_PARAMS answer, and characters of each field's path. */
export const MAX_ISSUES = 16;
export const MAX_ISSUE_PATH_LENGTH = 100;
/** A method's name as a caller may write it; the longest of ours has 31 characters. */
export const MAX_METHOD_LENGTH = 64;
/** The file with the window's place and size, in bytes. */
export const MAX_WINDOW_STATE_BYTES = 4096;
/** A web address that may be opened in the browser, in characters: it is shown whole before. */
export const MAX_EXTERNAL_URL_LENGTH = 2048;
/** Crashes of the page that are answered with a reload before the app gives up, and the time in which they count. */
export const MAX_PAGE_CRASHES = 3;
export const PAGE_CRASH_WINDOW_MS = 60_000;
/** The window shows itself by then even if the node is still opening the profile (a keychain may be asking). */
export const SHOW_AT_LATEST_MS = 1_500;
/** A page that is told that the app ends may take this long to hand over what it has: a page that hangs keeps nobody. */
export const FAREWELL_MS = 500;
/** Closing the node may take this long before the process ends anyway: the store loses nothing by it. */
export const SHUTDOWN_MS = 15_000;
/** A logged string in characters, entries of a logged list or object, and depth of a logged object. */
export const MAX_LOGGED_STRING = 2_000;
export const MAX_LOGGED_ENTRIES = 64;
export const MAX_LOGGED_DEPTH = 5;
/** Welcomes of our own commits that are kept for a joiner that missed its own, how long, and how often each is sent again. */
export const MAX_OWN_WELCOMES = 16;
export const OWN_WELCOME_MS = 600_000;
export const WELCOME_RESEND_MS = 10_000;
/** Bytes of all parked packets of one conversation: sixteen of the largest. */
export const MAX_PARKED_BYTES = 4 * 1024 * 1024;
/** Welcomes of others that wait in memory for their commit: more joiners than come in within one freeze. */
export const MAX_EARLY_WELCOMES = 8;
/** Packets that are kept for members who are away, of all conversations together, and how long: two weeks of a busy group. */
export const MAX_PACKET_LOG_BYTES = 256 * 1024 * 1024;
export const PACKET_LOG_MS = 14 * 24 * 3_600_000;
/** How packets are named in the log and in an exchange: so much of their SHA-256. */
export const PACKET_HASH_BYTES = 16;
/** Messages of one epoch that are compared one by one: one a second for 18 hours. */
export const MAX_LISTED_PACKETS = 65_536;
/** Kept welcomes that a joiner's is looked for in. */
export const MAX_LOGGED_WELCOMES = 64;
/** Conversations that one exchange is about; a person is in fewer with any other. */
export const MAX_OFFERED_CONVERSATIONS = 256;
/** Hashes of packets in one frame, and in all frames of one exchange: names of the messages of a few very busy epochs. */
export const MAX_HASHES_IN_FRAME = 8_192;
export const MAX_HASHES_IN_EXCHANGE = 131_072;
/** Packets in one frame, and their bytes unless a single one is larger: what shares a transaction where it arrives. */
export const MAX_PACKETS_IN_FRAME = 64;
export const CATCH_UP_FRAME_BYTES = 64 * 1024;
/** Rows of the log that are read at once. */
export const CATCH_UP_PAGE = 64;
/** Exchanges at once that we opened, and that others did: each keeps a few frames. */
export const MAX_EXCHANGES_EACH_WAY = 4;
/** A fresh number that the other side has to sign. */
export const CHALLENGE_BYTES = 32;
/** Until both sides said who and where they are, in ms; a side without progress, and a whole exchange, which goes on with the next. */
export const CATCH_UP_HANDSHAKE_MS = 10_000;
export const CATCH_UP_STALL_MS = 30_000;
export const CATCH_UP_LONGEST_MS = 600_000;
/** Packets beyond the useful ones that an exchange may bring: gossip is quicker at times, a log may hold what nobody can read. */
export const MAX_USELESS_PACKETS = 1_024;
/** The peer with the larger id waits so long for the other to open an exchange, in ms. */
export const CATCH_UP_WAIT_MS = 4_000;
/** Between two exchanges with one peer, in ms; doubled with each that brought nothing, so often at most. */
export const CATCH_UP_PAUSE_MS = 5_000;
export const MAX_CATCH_UP_DOUBLINGS = 5;
/** Members that are asked at once when a conversation lacks something. */
export const CATCH_UP_ASKED_AT_ONCE = 2;
/** And one after the other, while those asked had nothing. */
export const CATCH_UP_ASKED_IN_TURN = 6;
/** Kept packets are looked through for old ones this often, and so many go at once when there are too many bytes. */
export const PACKET_LOG_SWEEP_MS = 3_600_000;
export const PACKET_LOG_SWEEP_ROWS = 256;
/** Shortest pause between two announcements that a joiner makes because somebody became reachable. */
export const ANNOUNCE_PAUSE_MS = 2_000;
/** KeyPackageRefs of joins that a group remembers: every member of a full group, and as many again. */
export const MAX_USED_KEY_PACKAGES = 512;
/** Votes that overtook their proposal, of each member and of all: a full group's vote, and a few at once of one member. */
export const MAX_EARLY_VOTES_PER_MEMBER = 8;
export const MAX_EARLY_VOTES = 512;
/** Shortest pause between two answers to those who ask for the sync: each is as large as the group. */
export const SYNC_ANSWER_PAUSE_MS = 10_000;
/** How far ahead a reset of the invite may count, for resets that were lost: nobody shall use the counter up. */
export const MAX_INVITE_RESETS_LOST = 64;
/** Commits that are kept for members that missed one (H-28), and epochs whose attestations are: the one that others are in already too. */
export const APPLIED_COMMITS_KEPT = 5;
export const ATTESTED_EPOCHS_KEPT = 6;
/**
 * Shortest time in which a commit can be taken back for a better one (H-27 says the freeze's): two packets that are seconds late,
 * the beacon between them, and the answer to it must fit.
 */
export const FORK_GRACE_MIN_MS = 12_000;
/** A beacon comes this long after a commit, and up to so much later: the members of a large group shall not all speak at once (H-27). */
export const BEACON_DELAY_MS = 1_000;
export const BEACON_JITTER_MS = 1_000;
/** Elections and emergencies are voted on by clients: longer than any connected client needs, in ms. */
export const RULE_VOTE_WINDOW_MS = 10_000;
/** A rule that cannot decide yet is asked again this much later, in ms. */
export const RULE_VOTE_RETRY_MS = 1_000;
/** Emergencies of one creator within the time, in ms (H-9). */
export const MAX_EMERGENCIES_PER_CREATOR = 3;
export const EMERGENCY_PERIOD_MS = 600_000;
/** Own observations of faults that are remembered: each member of a full group once. */
export const MAX_OBSERVATIONS = 256;
/** A steward that left out a proven change is shown the proof; leaving it out again counts only so much later, in ms (H-26). */
export const OMISSION_PROOF_MS = 15_000;
/** A recovery that came to nothing is tried again after the recovery window times two to the number of tries, at most this often doubled. */
export const MAX_RECOVERY_DOUBLINGS = 6;
/** What else we said since the last commit, said again if it is taken back (H-27): a grace is seconds, a vote a second is much. */
export const MAX_SENT_MESSAGES = 64;
export const MAX_SENT_BYTES = 512 * 1024;
/** A commit is sent again at most this often, and each next member waits so much longer for somebody before it to do it (H-28). */
export const REBROADCAST_PAUSE_MS = 10_000;
export const REBROADCAST_STEP_MS = 500;
/** Signs of a later epoch for so long without its commit: a freeze that ends a little later than others' is no lag (H-28). */
export const LAG_PATIENCE_MS = 4_000;
/** Being behind is said again this often, then up to so many times as seldom, and never sooner after another beacon in the clear. */
export const LAG_REPEAT_MS = 10_000;
export const LAG_LONGEST_REPEAT = 6;
export const CLEAR_BEACON_PAUSE_MS = 1_000;
/** Proofs of decisions in one notice or sync: a quarter of a packet, which the rest of a large group's sync leaves free. */
export const MAX_DECISION_NOTICE_BYTES = 64 * 1024;
/** Between the notices of two members, and the shortest time between two of one that are looked at, in ms. */
export const DECISION_NOTICE_SPREAD_MS = 200;
export const DECISION_NOTICE_PAUSE_MS = 2_000;
/** Members say where they are, one so much after the other, when somebody comes back or a recovery begins, and at most this often, in ms. */
export const STATUS_SPREAD_MS = 200;
export const STATUS_PAUSE_MS = 20_000;
/** So long behind, by the word of members, before a member asks to come in again (H-28): several answers would have come by then. */
export const REJOIN_AFTER_MS = 60_000;
/** A member's own device asks for its place with a key package that is at most so old; and so many are looked at a minute. */
export const REJOIN_FRESH_MS = 720_000;
/** Former members at a time that are told that they are none any more: more is no accident. */
export const MAX_STRANGERS = 8;
/** Each of them not more often than this, in ms: once is enough unless it got lost. */
export const STRANGER_PAUSE_MS = 60_000;
export const MAX_REJOINS_PER_MINUTE = 8;
/** A wish to leave waits at least so long for somebody to carry it out, however short the group's votes are, in ms. */
export const LEAVE_PATIENCE_MS = 120_000;
/** The key package of such a wish is kept so long after it was last announced: the commit that it asked for may still come, in ms. */
export const REJOIN_KEPT_MS = 24 * 3_600_000;
/** A packet that the network took is kept so long, in ms: it is still in this process, and a crash would lose it. */
export const OUTBOX_LINGER_MS = 3_000;
/** Random bytes that name a store's run of message numbers, and bytes of the hash that names a member's run to others. */
export const RUN_BYTES = 8;
export const ACKNOWLEDGEMENT_KEY_BYTES = 8;
/** Entries of one acknowledgement: a run of each member of the largest group. */
export const MAX_ACKNOWLEDGED_RUNS = 256;
/** Stretches of one member's messages with gaps between that are told apart; the oldest is forgotten before. */
export const MAX_ACKNOWLEDGED_STRETCHES = 16;
/** Members that an author names when it asks for acknowledgements. */
export const MAX_ASKED_MEMBERS = 8;
/** Runs that are followed of one member: that of the device it has, and of the one that it had before. */
export const MAX_RUNS_PER_MEMBER = 2;
/** Members whose messages are followed, former ones included: two of the largest groups. */
export const MAX_HEARD_MEMBERS = 512;
/** How far ahead of all that is known a message's number may be: two weeks of a message a minute. A larger one is not believed. */
export const MAX_NUMBERS_AHEAD = 20_000;
/** Own messages that somebody has not acknowledged, in number and bytes: a member may be away for a week of much talk. */
export const MAX_OWN_KEPT = 512;
export const MAX_OWN_KEPT_BYTES = 4 * 1024 * 1024;
/** An own message is worth repeating for two weeks: as long as members keep their logs. */
export const OWN_MESSAGE_MS = 14 * 24 * 3_600_000;
/** Acknowledgements wait this long for more to go with them, and up to so much more for each member, in ms. */
export const ACKNOWLEDGE_DELAY_MS = 400;
export const ACKNOWLEDGE_SPREAD_MS = 80;
/** Bytes of acknowledgements that a member may send at once, and a second in a group of ten or more; fewer may each send more. */
export const ACKNOWLEDGE_BURST_BYTES = 800;
export const ACKNOWLEDGE_BYTES_PER_SECOND = 4;
export const ACKNOWLEDGE_LARGE_GROUP = 10;
/** Their share of the bytes of chat beside it: together they stay under a twentieth of a busy group's. */
export const ACKNOWLEDGE_SHARE = 0.015;
/** Nobody acknowledged a message when its epoch ended: it is said again so much later, or in the same epoch; then ever less often. */
export const RESAY_ENDED_MS = 6_000;
export const RESAY_SAME_MS = 30_000;
export const RESAY_LONGEST_MS = 3_600_000;
/** A member that lacks a message so long after it was said does not just wait for the packet; then others have time to bring it. */
export const LACKING_AFTER_MS = 10_000;
export const LACKING_PATIENCE_MS = 15_000;
/** How often a message is said again for a member that says it lacks it: more is malice, or of no use. */
export const MAX_RESAYS = 6;
/** Own messages encrypted in one step, and the pause before the next so many. */
export const SAY_BATCH = 32;
export const SAY_PAUSE_MS = 250;
/** An author asks for acknowledgements that do not come after this time, four times as much for the next, so many times. */
export const ASK_AFTER_MS = 60_000;
export const MAX_ASKS = 4;
/** Somebody came back and caught up: an author asks so soon after. */
export const ASK_SOON_MS = 2_000;
/** The same author is answered, and asks again because somebody came back, at most once in this time. */
export const ASK_PAUSE_MS = 20_000;
/** A gap in the numbers is told when it stays this long: packets overtake each other. */
export const GAP_PATIENCE_MS = 5_000;
/** A gap that no member could fill is called lost no sooner: its author may be about to say it again. */
export const LOSS_PATIENCE_MS = 600_000;
/** Somebody is there again: what we wrote waits so long for the exchange that tells us what we missed. */
export const CATCH_UP_PATIENCE_MS = 3_000;
/** Behind the group by its word: what we write waits so long to be encrypted where all can read it. */
export const BEHIND_PATIENCE_MS = 30_000;
/** Copies of the store that are kept beside it, and the time between two, in ms: each is as large as the store. */
export const STORE_COPIES_KEPT = 3;
export const STORE_COPY_INTERVAL_MS = 24 * 3_600_000;
/** A copy that is due at the start waits so long, in ms: the window and the network come first. */
export const STORE_COPY_AFTER_START_MS = 5_000;
/** Pause before a copy is tried again that could not be taken, such as on a full disk, in ms. */
export const STORE_COPY_RETRY_MS = 3_600_000;

/** A search: longer than anything that people look for. */
export const MAX_SEARCH_QUERY_LENGTH = 256;
/** Words of a search that count; those after them are left out. */
export const MAX_SEARCH_WORDS = 16;

/** A decision as a file: a journal of some ten thousand changes with their votes. */
export const MAX_DECISION_FILE_BYTES = 32 * 1024 * 1024;
