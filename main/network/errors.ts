/**
 * Errors that the network throws at the messenger. Each carries the App API's code, and data without secrets.
 */

/** A peer or address could not be reached, or the network is not running. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  readonly code = 'NETWORK';
  readonly data: Readonly<Record<string, string | number>>;

  constructor(message: string, data: Readonly<Record<string, string | number>> = {}, options?: ErrorOptions) {
    super(message, options);
    this.data = data;
  }
}

/** Something is over a documented limit. */
export class NetworkTooLargeError extends Error {
  override readonly name = 'NetworkTooLargeError';
  readonly code = 'TOO_LARGE';
  readonly data: { readonly limit: number; readonly size: number };

  constructor(what: string, limit: number, size: number) {
    super(`${what} has ${size} bytes, over the limit of ${limit}`);
    this.data = { limit, size };
  }
}
