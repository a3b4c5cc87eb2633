/**
 * The App API over a messenger: the one place through which every transport reaches the node. Checks params, maps
 * errors, hands on events. Knows no transport.
 */
import { ApiError } from '../../shared/api/errors.ts';
import type { ApiEvent } from '../../shared/api/events.ts';
import type { Method } from '../../shared/api/methods.ts';
import { MAX_METHOD_LENGTH } from '../../shared/limits.ts';
import type { ConclaveNode, Logger, Messenger } from '../messenger/contract.ts';
import { appRoutes } from './app.ts';
import { conversationRoutes } from './conversation.ts';
import { diagnosticsRoutes } from './diagnostics.ts';
import { draftRoutes } from './draft.ts';
import { toApiError } from './errors.ts';
import { governanceRoutes } from './governance.ts';
import { identityRoutes } from './identity.ts';
import { inviteRoutes } from './invite.ts';
import { memberRoutes } from './member.ts';
import { messageRoutes } from './message.ts';
import { peerRoutes } from './peer.ts';
import { proposalRoutes } from './proposal.ts';
import type { Route } from './route.ts';
import { settingsRoutes } from './settings.ts';

export interface Api {
  /** Answers a method with its result. Rejects with an ApiError, and with nothing else. */
  call(method: string, params: unknown): Promise<unknown>;
  /** Delivers every event from now on, in order; returns the function that ends it. */
  subscribe(handler: (event: ApiEvent) => void): () => void;
}

export interface ApiDependencies {
  readonly messenger: Messenger;
  readonly subscribe: ConclaveNode['subscribe'];
  readonly logger: Logger;
}

export function createApi({ messenger, subscribe, logger }: ApiDependencies): Api {
  const routes: ReadonlyMap<string, Route> = new Map(Object.entries(routesOf(messenger)));

  return {
    async call(method, params) {
      const run = routes.get(method);
      if (run === undefined) throw unknownMethod(method);
      try {
        return await run(params);
      } catch (error) {
        throw toApiError(error, method, logger);
      }
    },

    subscribe(handler) {
      // A transport that fails must not keep the others from hearing.
      return subscribe((event) => {
        try {
          handler(event);
        } catch (error) {
          logger.error({ type: event.type, error }, 'a transport failed to take an event');
        }
      });
    },
  };
}

function routesOf(messenger: Messenger): Readonly<Record<Method, Route>> {
  return {
    ...appRoutes(messenger),
    ...identityRoutes(messenger),
    ...conversationRoutes(messenger),
    ...inviteRoutes(messenger),
    ...memberRoutes(messenger),
    ...proposalRoutes(messenger),
    ...governanceRoutes(messenger),
    ...messageRoutes(messenger),
    ...draftRoutes(messenger),
    ...peerRoutes(messenger),
    ...settingsRoutes(messenger),
    ...diagnosticsRoutes(messenger),
  };
}

function unknownMethod(method: string): ApiError {
  const name = method.slice(0, MAX_METHOD_LENGTH).toWellFormed();
  return new ApiError('UNKNOWN_METHOD', `There is no method named ${JSON.stringify(name)}.`);
}
