import { Wire } from '../../hal/mock/wire';
import type { WireOptions } from '../../hal/mock/wire';
import { WirePort } from '../../hal/mock/wire-port';
import { VirtualClock } from '../../hal/mock/clock';
import { SeededRandom } from '../../hal/mock/random';
import type { EthernetMac, Platform } from '../../hal/hal';
import { parseAddress } from '../../src/ip/address';
import type { StackOptions } from '../../src/options';
import { Stack } from '../../src/stack';
import type { Connection, ConnectionHandler } from '../../src/tcp/connection';
import { closeReasonName } from '../../src/tcp/errors';
import { rawSum, rawSumOf, rawSumOfFrame, sumWords } from '../../src/wire/checksum';

/** A platform whose entropy follows from a seed. */
export function seededPlatform(seed: number): Platform {
  const random = new SeededRandom(seed);
  return {
    checksum: sumWords,
    rawSum,
    rawSumOfFrame,
    rawSumOf,
    copy(from, fromOffset, to, toOffset, length) {
      for (let at = 0; at < length; at++) to[toOffset + at] = from[fromOffset + at]!;
    },
    random: () => random.bits(),
    digest: () => null,
  };
}

export const SIZES = {
  connections: 4,
  listeners: 4,
  receiveBuffer: 2144,
  sendBuffer: 2144,
  mss: 536,
  timeWait: 8,
  msl: 120_000,
  neighbours: 8,
  pendingPacket: 128,
  reassembly: 0,
  windowScale: false,
  timestamps: false,
  sack: false,
  cubic: false,
  synCookies: false,
  sourceRoute: false,
  redirects: false,
  datagrams: false,
  dhcp: false,
  mdns: false,
  sntp: false,
};

/** The same with everything that TCP can do. */
export const FULL = {
  ...SIZES,
  reassembly: 4096,
  windowScale: true,
  timestamps: true,
  sack: true,
  cubic: true,
  synCookies: true,
  sourceRoute: true,
  redirects: true,
  datagrams: true,
  dhcp: true,
  mdns: true,
  sntp: true,
};

export interface Host {
  stack: Stack;
  mac: EthernetMac;
  address: number;
}

/** A wire with stacks on it, driven under a virtual clock. */
export class Lan {
  readonly clock = new VirtualClock();
  readonly wire: Wire;
  readonly hosts: Host[] = [];
  private readonly due: number[] = [];
  /** Another one for every seed of the wire: initial sequence numbers and ports follow from it. */
  private readonly entropy: number;

  constructor(options: WireOptions = {}) {
    this.entropy = ((options.seed ?? 1) - 1) * 256;
    this.wire = new Wire(this.clock, options);
  }

  /** Joins a stack at 10.0.0.`number` over a software MAC, or over `mac`. */
  join(number: number, options: Partial<StackOptions> = {}, mac?: EthernetMac): Host {
    const station = mac ?? new WirePort(this.wire, { address: new Uint8Array([2, 0, 0, 0, 0, number]) });
    const address = parseAddress('10.0.0.' + number);
    const stack = new Stack(station, seededPlatform(number + this.entropy), {
      ...SIZES,
      address,
      netmask: parseAddress('255.255.255.0'),
      gateway: 0,
      ...options,
    });
    station.open();
    const host = { stack, mac: station, address };
    this.hosts.push(host);
    this.due.push(0);
    return host;
  }

  /** Lets `milliseconds` pass, polling each stack every 100 us while frames move, else when it wants to be. */
  run(milliseconds: number, until: () => boolean = () => false): boolean {
    const end = this.clock.now + milliseconds * 1000;
    while (this.clock.now < end) {
      for (const { stack } of this.hosts) stack.poll(this.clock.milliseconds);
      if (until()) return true;
      let next = end;
      for (const { stack } of this.hosts) {
        const wait = stack.poll(this.clock.milliseconds);
        const at = (Math.floor(this.clock.now / 1000) + wait) * 1000;
        if (at < next) next = at;
      }
      // Looked at last: the polls may have sent something.
      const event = this.clock.nextDue;
      if (event !== undefined && event < next) next = event;
      this.clock.advanceTo(Math.max(next, this.clock.now + 50));
    }
    return until();
  }
}

/** An application that writes down what it is told, reads everything at once, and may answer. */
export class Recorder implements ConnectionHandler {
  readonly events: string[] = [];
  readonly received: number[] = [];
  connection: Connection | null = null;
  /** Sends back what it receives, and closes when the peer has. */
  echo = false;
  /** Octets still to be written, from `writeAll`. */
  private pending: Uint8Array = new Uint8Array(0);
  private endAfter = false;
  private readonly scratch = new Uint8Array(512);

  writeAll(bytes: Uint8Array, end = false): void {
    this.pending = bytes;
    this.endAfter = end;
    if (this.connection) this.pump(this.connection);
  }

  opened(c: Connection): void {
    this.connection = c;
    this.events.push('opened');
    this.pump(c);
  }

  readable(c: Connection): void {
    if (this.echo) {
      while (c.available > 0 && c.room > 0) {
        const count = c.read(this.scratch, 0, Math.min(this.scratch.length, c.room));
        c.write(this.scratch, 0, count);
      }
      return;
    }
    for (;;) {
      const count = c.read(this.scratch, 0, this.scratch.length);
      if (count === 0) break;
      for (let at = 0; at < count; at++) this.received.push(this.scratch[at]!);
    }
  }

  writable(c: Connection): void {
    this.pump(c);
    if (this.echo) this.readable(c);
  }

  ended(c: Connection): void {
    this.events.push('ended');
    if (this.echo) c.end();
  }

  closed(_c: Connection, reason: number): void {
    this.events.push('closed: ' + closeReasonName(reason));
    this.connection = null;
  }

  private pump(c: Connection): void {
    if (this.pending.length > 0) {
      const taken = c.write(this.pending, 0, this.pending.length);
      this.pending = this.pending.subarray(taken);
    }
    if (this.pending.length === 0 && this.endAfter) {
      this.endAfter = false;
      c.end();
    }
  }
}

/** `length` octets that repeat from a seed. */
export function noise(length: number, seed = 1): Uint8Array {
  const random = new SeededRandom(seed);
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = random.below(256);
  return bytes;
}

/** An echo service at 10.0.0.2, and a client at 10.0.0.1 that has begun to connect to it. */
export function echoing(options: WireOptions = {}) {
  const lan = new Lan(options);
  const server = lan.join(2);
  const client = lan.join(1);
  const echo = new Recorder();
  echo.echo = true;
  server.stack.listen(7, echo);
  const app = new Recorder();
  client.stack.connect(server.address, 7, app);
  return { lan, server, client, echo, app };
}
