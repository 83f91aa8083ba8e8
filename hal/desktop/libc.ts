/** `poll` events, <poll.h>. */
export const POLLIN = 0x01;
export const POLLOUT = 0x04;
export const POLLERR = 0x08;
export const POLLNVAL = 0x20;

/** Error numbers, <errno.h>. */
export const EPERM = 1;
export const EINTR = 4;
export const EAGAIN = 11;
export const EBUSY = 16;
export const EINVAL = 22;

/** The C library's calls that Node does not offer. Each returns -1 on failure; `errno` must be asked before any other call. */
export interface Libc {
  ioctl(descriptor: number, request: number, argument: Uint8Array): number;
  read(descriptor: number, bytes: Uint8Array, length: number): number;
  write(descriptor: number, bytes: Uint8Array, length: number): number;
  /** @param set pollfd structures of eight octets: descriptor, events, events that came */
  poll(set: Uint8Array, count: number, milliseconds: number): number;
  /** The same from a thread of its own. `set` stays in use until `done` runs. */
  pollAside(set: Uint8Array, count: number, milliseconds: number, done: (result: number) => void): void;
  errno(): number;
}

let loaded: Libc | undefined;

/**
 * Loads the foreign function interface at its first use, so that what does without it needs no native module.
 * @throws Error when it is not installed or not made for this machine
 */
export function libc(): Libc {
  return (loaded ??= load());
}

function load(): Libc {
  let koffi: typeof import('koffi');
  try {
    koffi = require('koffi') as typeof import('koffi');
  } catch (error) {
    throw new Error(
      `The package koffi, which TAP devices need, cannot be loaded: ${(error as Error).message}. ` +
        '`--lan localhost` does without it.',
      { cause: error },
    );
  }
  const library = koffi.load(null);
  const poll = library.func('int poll(void *set, unsigned long count, int milliseconds)');
  return {
    ioctl: library.func('int ioctl(int descriptor, unsigned long request, void *argument)'),
    read: library.func('intptr_t read(int descriptor, void *bytes, size_t length)'),
    write: library.func('intptr_t write(int descriptor, void *bytes, size_t length)'),
    poll,
    pollAside(set, count, milliseconds, done) {
      poll.async(set, count, milliseconds, (failure: unknown, result: number) => done(failure ? -1 : result));
    },
    errno: () => koffi.errno(),
  };
}
