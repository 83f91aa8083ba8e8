import type { Connection, ConnectionHandler } from './connection';
import { State } from './states';

// What an application passes wrongly throws at once, with a sentence, and nothing has changed. What is checked counts as
// unknown: the build shortens comparisons of what it takes for numbers.

export function checkCount(call: string, name: string, value: unknown, least: number, most: number): void {
  'cold';
  const number = value as number;
  if (!(number >= least && number <= most) || value !== (number | 0)) {
    throw new Error(call + ': ' + name + ' ' + value + ' is not a whole number from ' + least + ' to ' + most);
  }
}

export function checkHandler(call: string, handler: ConnectionHandler | undefined): void {
  'cold';
  if (!handler || !handler.opened || !handler.readable || !handler.writable || !handler.ended || !handler.closed) {
    throw new Error(call + ': ' + handler + ' lacks one of opened, readable, writable, ended and closed');
  }
}

export function checkRange(call: string, bytes: Uint8Array, offset: number, length: number): void {
  // Also false for what is not a number; the last terms for a fraction, and for what is no array of octets.
  const end = offset + length;
  const unknownEnd: unknown = end;
  if (!(bytes instanceof Uint8Array && offset >= 0 && length >= 0 && end <= bytes.length) || unknownEnd !== (end | 0)) {
    rangeError(call, bytes, offset, end);
  }
}

function rangeError(call: string, bytes: Uint8Array, offset: number, end: number): void {
  'cold';
  if (!(bytes instanceof Uint8Array)) throw new Error(call + ': ' + bytes + ' is not a Uint8Array');
  throw new Error(call + ': octets ' + offset + ' to ' + end + ' are not within the ' + bytes.length + ' given');
}

/** @throws Error: the connection takes nothing more to send */
export function checkWritable(c: Connection): void {
  'cold';
  throw new Error('write: the connection is ' + c.stateName + (c.state === State.CLOSED ? '' : ', after end()'));
}
