/** What became of a request for the address of a name. */
export const enum Resolution {
  found = 0,
  /** The name does not exist, or has no address. */
  notFound = 1,
  /** No server has answered. */
  timedOut = 2,
  /** There is no server to ask. */
  noServer = 3,
}

export interface NameHandler {
  /** @param request as `lookUp` returned it. @param address a signed 32-bit integer, 0 unless it was found */
  resolved(request: number, address: number, resolution: Resolution): void;
}

/** What a place of the resolver's is in use for. */
export const enum Entry {
  free = 0,
  asking = 1,
  /** Its handler is to be told. */
  over = 2,
  /** Told, and remembered until `due`. */
  known = 3,
}
