/**
 * The error codes of the App API, as JSON-RPC numbers and as names. Knows no transport and no cause.
 */
export const errorNumbers = {
  PARSE: -32700,
  INVALID_REQUEST: -32600,
  UNKNOWN_METHOD: -32601,
  INVALID_PARAMS: -32602,
  NO_IDENTITY: 1,
  NOT_FOUND: 2,
  ALREADY_EXISTS: 3,
  WRONG_STATE: 4,
  INVALID_INVITE: 5,
  NOT_ALLOWED: 6,
  KEYCHAIN_UNAVAILABLE: 7,
  STORAGE: 8,
  NETWORK: 9,
  TOO_LARGE: 10,
  INTERNAL: 99,
} as const;

export type ErrorCode = keyof typeof errorNumbers;

/** What accompanies an error: always its code, and where the code's row of the documentation says so, more. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly state?: string;
  readonly limit?: number;
  readonly issues?: readonly { readonly path: string; readonly message: string }[];
}

/** An error that a caller of the App API may see. Its message is a sentence for a person and names no secret. */
export class ApiError extends Error {
  readonly data: ErrorData;

  constructor(code: ErrorCode, message: string, data: Omit<ErrorData, 'code'> = {}) {
    super(message);
    this.name = 'ApiError';
    this.data = { code, ...data };
  }

  get code(): ErrorCode {
    return this.data.code;
  }
}
