import type { EthernetMac, Frame, MacCounters } from '../hal';
import { FCS_LENGTH, appendFrameCheckSequence, frameCheckSequenceGood } from './fcs';
import type { Station } from './station';
import type { Wire, WireCable } from './wire';

/** Octets without check sequence, IEEE 802.3 clauses 3.2.7 and 4A.2. */
export const SHORTEST_FRAME = 60;
export const LONGEST_FRAME = 1514;
const HEADER = 14;

export interface WirePortOptions {
  /** The station address, six octets. Default 02:00:00:00:00:01, from the locally administered range. */
  address?: Uint8Array;
  /** For captures and messages. Default `port`. */
  name?: string;
  /** Frames that wait to be received before further ones are dropped. Default 64. */
  queue?: number;
  /** Receives what is meant for other stations too. Default false. */
  promiscuous?: boolean;
}

/** Which destination addresses a software MAC takes: its own, broadcast, and the groups it has joined. */
export class AddressFilter {
  private readonly groups = new Set<number>();

  /** @param promiscuous takes every address */
  constructor(private readonly address: Uint8Array, public promiscuous = false) {
    if (address.length !== 6 || (address[0]! & 1) !== 0) {
      throw new RangeError(`A station address has six octets, the first of them even, not ${hex(address)}.`);
    }
  }

  /** @throws RangeError when `group` is not a multicast address */
  multicast(group: Uint8Array, join: boolean): void {
    if (group.length !== 6 || (group[0]! & 1) === 0) {
      throw new RangeError(`A multicast address has six octets, the first of them odd, not ${hex(group)}.`);
    }
    if (join) this.groups.add(addressNumber(group));
    else this.groups.delete(addressNumber(group));
  }

  takes(frame: Uint8Array): boolean {
    if (this.promiscuous) return true;
    if ((frame[0]! & 1) !== 0) {
      const number = addressNumber(frame);
      return number === 0xffffffffffff || this.groups.has(number);
    }
    for (let index = 0; index < 6; index++) if (frame[index] !== this.address[index]) return false;
    return true;
  }
}

/** Six octets as one number; 48 bits fit a double. */
function addressNumber(octets: Uint8Array): number {
  return (octets[0]! * 256 + octets[1]!) * 0x100000000 +
    (((octets[2]! << 24) | (octets[3]! << 16) | (octets[4]! << 8) | octets[5]!) >>> 0);
}

function hex(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join(':');
}

/** Counts of a MAC before anything happened. */
export function macCounters(): MacCounters {
  return { rxFrames: 0, rxErrors: 0, rxOversize: 0, rxOverflows: 0, txFrames: 0, txErrors: 0, recoveries: 0 };
}

/**
 * A software MAC on the wire. It behaves as a chip does: it sends one frame at a time, drops what fails a check or is
 * not for it, and loses frames when nobody takes them in time.
 */
export class WirePort implements EthernetMac, Station {
  readonly address: Uint8Array;
  readonly counters = macCounters();
  readonly name: string;

  /** Runs when a frame has been queued, from inside `VirtualClock.advance`: for a stack that waits to be polled. */
  onReadable: (() => void) | undefined;

  private readonly filter: AddressFilter;
  private readonly frames: Uint8Array[] = [];
  private readonly lengths: Uint16Array;
  private first = 0;
  private waiting = 0;
  private readonly outgoing = new Uint8Array(LONGEST_FRAME + FCS_LENGTH);
  /** Microseconds on the clock until which the transmitter is busy. */
  private busyUntil = 0;
  private attached: WireCable | undefined;

  /** @throws RangeError that names an option out of its range */
  constructor(private readonly wire: Wire, options: WirePortOptions = {}) {
    const queue = options.queue ?? 64;
    if (!Number.isInteger(queue) || queue < 1) {
      throw new RangeError(`The queue of a wire port holds a whole number of frames from 1 up, not ${queue}.`);
    }
    this.address = options.address ?? Uint8Array.of(0x02, 0, 0, 0, 0, 0x01);
    this.filter = new AddressFilter(this.address, options.promiscuous);
    this.name = options.name ?? 'port';
    for (let index = 0; index < queue; index++) this.frames.push(new Uint8Array(LONGEST_FRAME));
    this.lengths = new Uint16Array(queue);
  }

  /** The cable to pull and plug, once the port is open. */
  get cable(): WireCable | undefined {
    return this.attached;
  }

  open(): void {
    this.waiting = 0;
    this.attached ??= this.wire.attach(this, this.name);
  }

  /** Leaves the wire. `open` joins it again. */
  close(): void {
    this.attached = undefined;
    this.waiting = 0;
    this.wire.detach(this);
  }

  mayReceive(): boolean {
    return this.waiting > 0;
  }

  receive(frame: Frame): number {
    while (this.waiting > 0) {
      const at = this.first;
      const length = this.lengths[at]!;
      this.first = (at + 1) % this.frames.length;
      this.waiting--;
      if (length > frame.size) {
        this.counters.rxOversize++;
        continue;
      }
      const from = this.frames[at]!;
      for (let index = 0; index < length; index++) frame.octets[index] = from[index]!;
      this.counters.rxFrames++;
      return length;
    }
    return 0;
  }

  /** No bus lies between the frames and us. */
  sound(): boolean {
    return true;
  }

  /** @throws RangeError when `length` is not 14 to 1514; Error when the port is not open */
  send(frame: Uint8Array, length: number): boolean {
    return this.sendParts(frame, length, frame, 0, 0);
  }

  /** @throws as `send` */
  sendParts(frame: Uint8Array, header: number, data: Uint8Array, offset: number, count: number): boolean {
    const length = header + count;
    if (!(header >= HEADER && length <= LONGEST_FRAME)) {
      throw new RangeError(`A frame to send has ${HEADER} to ${LONGEST_FRAME} octets, not ${length}.`);
    }
    if (this.attached === undefined) throw new Error(`The wire port ${this.name} must be opened before it sends.`);
    const { clock } = this.wire;
    if (clock.now < this.busyUntil) return false;
    for (let index = 0; index < header; index++) this.outgoing[index] = frame[index]!;
    for (let index = 0; index < count; index++) this.outgoing[header + index] = data[offset + index]!;
    const padded = Math.max(length, SHORTEST_FRAME);
    this.outgoing.fill(0, length, padded);
    const whole = appendFrameCheckSequence(this.outgoing, padded);
    this.busyUntil = clock.now + this.attached.transmit(this.outgoing.subarray(0, whole));
    this.counters.txFrames++;
    return true;
  }

  linkUp(): boolean {
    return this.attached !== undefined && this.attached.up;
  }

  multicast(group: Uint8Array, join: boolean): void {
    this.filter.multicast(group, join);
  }

  recover(): void {
    this.waiting = 0;
    this.counters.recoveries++;
  }

  frameArrived(frame: Uint8Array): void {
    const length = frame.length - FCS_LENGTH;
    if (length < SHORTEST_FRAME || length > LONGEST_FRAME || !frameCheckSequenceGood(frame)) {
      this.counters.rxErrors++;
      return;
    }
    if (!this.filter.takes(frame)) return;
    if (this.waiting === this.frames.length) {
      this.counters.rxOverflows++;
      return;
    }
    const at = (this.first + this.waiting) % this.frames.length;
    const into = this.frames[at]!;
    for (let index = 0; index < length; index++) into[index] = frame[index]!;
    this.lengths[at] = length;
    this.waiting++;
    this.onReadable?.();
  }

  /** `linkUp` asks the cable itself. */
  linkChanged(): void {}
}
