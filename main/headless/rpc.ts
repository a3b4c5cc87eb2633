/**
 * JSON-RPC 2.0 over the App API, one text in, one answer out. The library finds the method, matches ids and leaves
 * notifications unanswered; what it does not do stands here: batches that stay lists, `data.code`, and requests that
 * are not even objects.
 */
import {
  createJSONRPCErrorResponse,
  JSONRPCServer,
  type JSONRPCErrorResponse,
  type JSONRPCID,
  type JSONRPCRequest,
  type JSONRPCResponse,
} from 'json-rpc-2.0';
import { z } from 'zod';
import { ApiError, errorNumbers } from '../../shared/api/errors.ts';
import { methods } from '../../shared/api/methods.ts';
import { MAX_RPC_BATCH } from '../../shared/limits.ts';
import type { Api } from '../api/index.ts';

/** Undefined: nothing is to be answered. */
export type RpcAnswer = JSONRPCResponse | readonly JSONRPCResponse[] | undefined;

/** A text that was read: the calls that it asks for, or why it asks for none. */
export type RpcMessage =
  | { readonly kind: 'single'; readonly request: unknown }
  | { readonly kind: 'batch'; readonly requests: readonly unknown[] }
  | { readonly kind: 'refused'; readonly answer: JSONRPCResponse };

export interface RpcHandler {
  /** Starts every call before it returns, in the order of the text; never rejects. */
  handle(message: RpcMessage): Promise<RpcAnswer>;
}

const requestSchema = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  method: z.string(),
  /** Passed on untouched: what is in it is judged by the method's own schema. */
  params: z.custom<object>((params) => typeof params === 'object' && params !== null).optional(),
  result: z.undefined().optional(),
  error: z.undefined().optional(),
});
const idSchema = requestSchema.pick({ id: true });

/** How many calls a message asks for. */
export function callsIn(message: RpcMessage): number {
  return message.kind === 'batch' ? message.requests.length : message.kind === 'single' ? 1 : 0;
}

/** Reads one line. Never throws. */
export function readMessage(line: Uint8Array): RpcMessage {
  const content = parse(line);
  if (content === undefined) return refused(new ApiError('PARSE', 'This line is not JSON in UTF-8.'));
  if (!Array.isArray(content.value)) return { kind: 'single', request: content.value };
  const requests: readonly unknown[] = content.value;
  if (requests.length === 0) return refused(new ApiError('INVALID_REQUEST', 'A batch needs at least one request.'));
  if (requests.length > MAX_RPC_BATCH)
    return refused(
      new ApiError('TOO_LARGE', `A batch holds at most ${MAX_RPC_BATCH} requests.`, { limit: MAX_RPC_BATCH }),
    );
  return { kind: 'batch', requests };
}

/** A message that is answered with an error and asks for nothing. */
export function refused(error: ApiError): RpcMessage {
  return { kind: 'refused', answer: errorResponse(null, error) };
}

export function createRpcHandler(api: Api): RpcHandler {
  const server = new JSONRPCServer({
    // What a call ended in is the App API's to log.
    errorListener: () => {},
  });
  server.mapErrorToJSONRPCErrorResponse = errorResponse;
  for (const method of Object.keys(methods))
    server.addMethod(method, (params: unknown): Promise<unknown> => api.call(method, params));
  // The App API says it in its own words and with its own code.
  server.handleMethodNotFound = (request) => answerUnknown(api, request);

  const answerOne = async (request: unknown): Promise<JSONRPCResponse | undefined> => {
    const checked = requestSchema.safeParse(request);
    if (!checked.success) return errorResponse(idOf(request), new ApiError('INVALID_REQUEST', NOT_A_REQUEST));
    return (await server.receive(plainRequest(checked.data))) ?? undefined;
  };

  return {
    async handle(message) {
      switch (message.kind) {
        case 'refused':
          return message.answer;
        case 'single':
          return answerOne(message.request);
        case 'batch': {
          const answers = await Promise.all(message.requests.map(answerOne));
          const given = answers.filter((answer) => answer !== undefined);
          return given.length === 0 ? undefined : given;
        }
        default:
          return message satisfies never;
      }
    },
  };
}

const NOT_A_REQUEST = 'This is not a JSON-RPC 2.0 request.';

async function answerUnknown(api: Api, request: JSONRPCRequest): Promise<JSONRPCResponse | null> {
  try {
    await api.call(request.method, request.params);
  } catch (error) {
    return request.id === undefined ? null : errorResponse(request.id, error);
  }
  throw new Error('a method without a route was answered');
}

function plainRequest({ jsonrpc, id, method, params }: z.output<typeof requestSchema>): JSONRPCRequest {
  return {
    jsonrpc,
    method,
    ...(id === undefined ? {} : { id }),
    ...(params === undefined ? {} : { params }),
  };
}

/** The id to answer a broken request with: its own if it has a proper one, as JSON-RPC says. */
function idOf(request: unknown): JSONRPCID {
  const checked = idSchema.safeParse(request);
  return checked.success ? (checked.data.id ?? null) : null;
}

/** An ApiError as JSON-RPC shows it. Anything else would be a bug of the App API, which promises ApiErrors alone. */
function errorResponse(id: JSONRPCID, error: unknown): JSONRPCErrorResponse {
  const shown = error instanceof ApiError ? error : new ApiError('INTERNAL', 'Something went wrong inside Conclave.');
  return createJSONRPCErrorResponse(id, errorNumbers[shown.code], shown.message, shown.data);
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function parse(line: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(decoder.decode(line)) };
  } catch (error) {
    // Not UTF-8 (TypeError), or not JSON.
    if (error instanceof TypeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
