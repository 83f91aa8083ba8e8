import type { Platform } from '../../hal/hal';

/**
 * What an outsider must not foresee: initial sequence numbers (RFC 6528) and ephemeral ports (RFC 6056, algorithm 3),
 * from a keyed hash of the connection's addresses and ports. The hash is HalfSipHash-2-4: 32-bit words, additions,
 * rotations and exclusive or only.
 */
export class SequenceGenerator {
  private readonly key0: number;
  private readonly key1: number;
  private v0 = 0;
  private v1 = 0;
  private v2 = 0;
  private v3 = 0;
  private portsGiven = 0;

  constructor(platform: Platform) {
    this.key0 = platform.random() | 0;
    this.key1 = platform.random() | 0;
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

  /** HalfSipHash-2-4 of three words, 32 bits. */
  private hash(a: number, b: number, c: number): number {
    'cold';
    this.v0 = this.key0;
    this.v1 = this.key1;
    this.v2 = 0x6c796765 ^ this.key0;
    this.v3 = 0x74656462 ^ this.key1;
    this.absorb(a);
    this.absorb(b);
    this.absorb(c);
    this.absorb(12 << 24);
    this.v2 ^= 0xff;
    this.round();
    this.round();
    this.round();
    this.round();
    return this.v1 ^ this.v3;
  }

  private absorb(word: number): void {
    this.v3 ^= word;
    this.round();
    this.round();
    this.v0 ^= word;
  }

  private round(): void {
    let v0 = this.v0;
    let v1 = this.v1;
    let v2 = this.v2;
    let v3 = this.v3;
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
    this.v0 = v0;
    this.v1 = v1;
    this.v2 = v2;
    this.v3 = v3;
  }
}
