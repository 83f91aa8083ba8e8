import type { Platform } from '../../hal/hal';
import { get32, put32 } from '../wire/bytes';

/** Octets of the secret, and of it with the three words that are hashed. */
const enum Length {
  secret = 16,
  block = 28,
}

/**
 * What an outsider must not foresee: initial sequence numbers (RFC 6528) and ephemeral ports (RFC 6056, algorithm 3),
 * from a hash of a secret and the connection's addresses and ports. The hash is the engine's SHA-256, or where it has none
 * HalfSipHash-2-4: 32-bit words, additions, rotations and exclusive or only.
 */
export class SequenceGenerator {
  /** The secret, and behind it what is hashed. */
  private readonly block = new Uint8Array(Length.block);
  private portsGiven = 0;

  constructor(private readonly platform: Platform) {
    for (let at = 0; at < Length.secret; at += 4) put32(this.block, at, platform.random());
    this.portsGiven = platform.random() & 0xffff;
  }

  /**
   * ISN = M + F(addresses, ports, secret), M being a clock that ticks every 4 microseconds (RFC 9293 section 3.4.1).
   * @param now milliseconds: a tick of theirs is 250 of M's
   */
  initialSequenceNumber(localAddress: number, remoteAddress: number, ports: number, now: number): number {
    'cold';
    const clock = ((now << 8) - (now << 2) - (now << 1)) | 0;
    return (clock + this.hash(localAddress, remoteAddress, ports)) | 0;
  }

  /** The hash behind a SYN cookie (RFC 4987): of the two ends and a number that tells the peer's SYN and the time. */
  cookieHash(remoteAddress: number, ports: number, number: number): number {
    'cold';
    return this.hash(~number, remoteAddress, ports);
  }

  /** The next port to try for a connection to `remotePort` of `remoteAddress`: 49152 to 65535 (RFC 6335). */
  ephemeralPort(localAddress: number, remoteAddress: number, remotePort: number): number {
    'cold';
    const offset = this.hash(localAddress, remoteAddress, remotePort);
    this.portsGiven = (this.portsGiven + 1) | 0;
    return 49152 + ((offset + this.portsGiven) & 16383);
  }

  private hash(a: number, b: number, c: number): number {
    'cold';
    put32(this.block, Length.secret, a);
    put32(this.block, Length.secret + 4, b);
    put32(this.block, Length.secret + 8, c);
    const digest = this.platform.digest(this.block);
    return digest === null ? this.halfSipHash(a, b, c) : digest;
  }

  /** HalfSipHash-2-4 of three words, 32 bits: two rounds for each word, the last of which is the length, and four behind them. */
  private halfSipHash(a: number, b: number, c: number): number {
    'cold';
    let v0 = get32(this.block, 0);
    let v1 = get32(this.block, 4);
    let v2 = 0x6c796765 ^ v0;
    let v3 = 0x74656462 ^ v1;
    let word = a;
    for (let round = 0; round < 12; round++) {
      if (round < 8 && (round & 1) === 0) v3 ^= word;
      if (round === 8) v2 ^= 0xff;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      if (round < 8 && (round & 1) === 1) {
        v0 ^= word;
        word = round === 1 ? b : round === 3 ? c : 12 << 24;
      }
    }
    return v1 ^ v3;
  }
}
