/**
 * The seam at which the replaceable parts of a conversation are made: consensus, steward list and peer scoring.
 * Knows how to make and restore them, not what they are used for.
 */
import type { ConversationId } from '../../shared/model/ids.ts';
import type { ConversationSettings } from '../../shared/api/settings.ts';
import type { ConsensusPlugin, ConsensusSnapshot, VoteSigner } from './consensus/contract.ts';
import { createConsensus, ETHEREUM_SCHEME, SCOPE_PRESETS } from './consensus/index.ts';
import type { PeerScoreStorage, PeerScoringPlugin } from './peer-scoring/contract.ts';
import { createPeerScoring } from './peer-scoring/index.ts';
import type { Random } from './random.ts';
import type { StewardListPlugin, StewardListSnapshot } from './steward-list/contract.ts';
import { createStewardList } from './steward-list/index.ts';

/** The plug-ins of one conversation, for the length of one step. */
export interface ConversationPlugins {
  readonly consensus: ConsensusPlugin;
  readonly stewardList: StewardListPlugin;
  readonly scoring: PeerScoringPlugin;
}

/** What plug-ins go on from. Without snapshots they begin empty: a creator's, or a joiner's until the sync (§8.3). */
export interface PluginsInput {
  readonly settings: ConversationSettings;
  readonly scores: PeerScoreStorage;
  readonly snapshots?: { readonly consensus: ConsensusSnapshot; readonly stewardList: StewardListSnapshot };
}

/** Hands out the plug-ins of a conversation. Every call makes new ones; what they hold is only their snapshots. */
export interface ConversationPluginsFactory {
  create(conversationId: ConversationId, input: PluginsInput): ConversationPlugins;
}

export interface PluginsFactoryOptions {
  /** Signs our votes. */
  readonly signer: VoteSigner;
  readonly random: Random;
  /** Time for last votes after the voting window, in ms (H-3). */
  readonly voteGraceMs?: number;
}

/** The plug-ins of this project: hashgraph-like consensus, hash-ordered stewards, table-driven scores. */
export function createPluginsFactory({
  signer,
  random,
  voteGraceMs,
}: PluginsFactoryOptions): ConversationPluginsFactory {
  return {
    create(conversationId, { settings, scores, snapshots }) {
      return {
        consensus: createConsensus(
          {
            signer,
            random,
            scheme: ETHEREUM_SCHEME,
            scope: {
              ...SCOPE_PRESETS.gossipsub,
              timeoutMs: settings.consensusTimeoutMs,
              livenessCriteriaYes: settings.livenessCriteriaYes,
            },
            ...(voteGraceMs === undefined ? {} : { graceMs: voteGraceMs }),
          },
          snapshots?.consensus,
        ),
        stewardList: createStewardList(
          {
            conversationId,
            config: { min: settings.stewardsMin, max: settings.stewardsMax, allowSubsetCandidates: true },
            maxReelectionAttempts: settings.maxReelectionAttempts,
          },
          snapshots?.stewardList,
        ),
        scoring: createPeerScoring({
          storage: scores,
          defaultScore: BigInt(settings.peerScoreDefault),
          threshold: BigInt(settings.peerScoreThreshold),
        }),
      };
    },
  };
}
