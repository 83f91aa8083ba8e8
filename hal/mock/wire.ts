import type { VirtualClock } from './clock';
import { type Fault, type FaultOptions, Faults } from './faults';
import type { Cable, Station } from './station';

export interface WireOptions extends FaultOptions {
  /** Default 10,000,000, the ENC28J60's 10BASE-T. */
  bitsPerSecond?: number;
  /** Microseconds from the last bit leaving a station to the frame's arrival at the others. Default 0. */
  delay?: number;
}

/** Frames since the wire was made. */
export interface WireCounts {
  /** Frames that stations have sent, and their octets from destination address to check sequence. */
  sent: number;
  octets: number;
  /** Arrivals: a frame that three stations hear counts three times. */
  delivered: number;
  /** What the faults did. A frame sent into a pulled cable is lost as well. */
  lost: number;
  corrupted: number;
  duplicated: number;
  reordered: number;
}

/**
 * Hears each frame at the moment its last bit leaves the sender, so times never go back.
 * @param frame as it was sent, check sequence included, even if the wire then spoiled it; valid only during the call
 * @param microseconds on the clock
 * @param note what the wire does to it
 * @param sender the name its station was attached under
 */
export type WireListener = (frame: Uint8Array, microseconds: number, note: Fault, sender: string) => void;

/** Preamble and start delimiter, IEEE 802.3 clause 3.2. */
const PREAMBLE_OCTETS = 8;
/** 96 bit times, 9.6 us at 10 Mbit/s, IEEE 802.3 clause 4.4.2. */
const INTERFRAME_GAP_BITS = 96;

/** A station's cable, with the hand that can pull it. */
export interface WireCable extends Cable {
  readonly name: string;
  /** Takes the cable out: the station hears nothing, what it sends is lost, and links that depended on it go down. */
  pull(): void;
  /** Puts it back in. */
  plug(): void;
}

/**
 * An Ethernet segment with any number of stations. It is full duplex: each sender's frames follow each other with the
 * interframe gap between them, and nobody collides. What a station sends reaches every other one whole, after the time
 * its bits take plus the delay.
 */
export class Wire {
  /** May be changed while the wire is in use. */
  readonly faults: Faults;

  readonly counts: WireCounts = {
    sent: 0, octets: 0, delivered: 0, lost: 0, corrupted: 0, duplicated: 0, reordered: 0,
  };

  private readonly microsecondsPerBit: number;
  private readonly delay: number;
  private readonly sockets: Socket[] = [];
  private readonly listeners: WireListener[] = [];

  /** @throws RangeError that names an option out of its range */
  constructor(readonly clock: VirtualClock, options: WireOptions = {}) {
    const bitsPerSecond = options.bitsPerSecond ?? 10e6;
    if (!(bitsPerSecond > 0 && bitsPerSecond < Infinity)) {
      throw new RangeError(`bitsPerSecond must be a number above 0, not ${bitsPerSecond}.`);
    }
    this.microsecondsPerBit = 1e6 / bitsPerSecond;
    this.delay = options.delay ?? 0;
    if (!(this.delay >= 0 && this.delay < Infinity)) {
      throw new RangeError(`The delay of the wire must be 0 or more microseconds, not ${this.delay}.`);
    }
    this.faults = new Faults(options);
  }

  /**
   * Joins a station to the wire. Its `linkChanged` runs from inside when somebody is there to hear it.
   * @param name for captures and messages; default `station1`, `station2`...
   * @throws Error when the station is attached already
   */
  attach(station: Station, name = `station${this.sockets.length + 1}`): WireCable {
    const joined = this.sockets.find((socket) => socket.station === station);
    if (joined) throw new Error(`This station is on the wire already, as ${joined.name}.`);
    const socket = new Socket(this, station, name);
    this.sockets.push(socket);
    this.linksChanged();
    return socket;
  }

  /** Takes a station off the wire. Does nothing when it is not on it. */
  detach(station: Station): void {
    const at = this.sockets.findIndex((socket) => socket.station === station);
    if (at < 0) return;
    const [socket] = this.sockets.splice(at, 1);
    socket!.plugged = false;
    socket!.linkChanged(false);
    this.linksChanged();
  }

  /** Lets `listener` hear every frame. @returns a function that ends it */
  tap(listener: WireListener): () => void {
    this.listeners.push(listener);
    return () => {
      const at = this.listeners.indexOf(listener);
      if (at >= 0) this.listeners.splice(at, 1);
    };
  }

  /** Microseconds that the preamble and `octets` take. */
  duration(octets: number): number {
    return (PREAMBLE_OCTETS + octets) * 8 * this.microsecondsPerBit;
  }

  /** Microseconds that a sender pauses after each frame. */
  get interframeGap(): number {
    return INTERFRAME_GAP_BITS * this.microsecondsPerBit;
  }

  /** For sockets: somebody was plugged or pulled. */
  linksChanged(): void {
    const plugged = this.sockets.filter((socket) => socket.plugged).length;
    for (const socket of this.sockets.slice()) socket.linkChanged(socket.plugged && plugged > 1);
  }

  /** For sockets: the last bit of a frame has left. */
  leaves(frame: Uint8Array, from: Socket, heard: boolean): void {
    const counts = this.counts;
    const fault = heard ? this.faults.next() : 'lost';
    counts.sent++;
    counts.octets += frame.length;
    if (fault !== '') counts[fault]++;
    for (const listener of this.listeners.slice()) listener(frame, this.clock.now, fault, from.name);
    if (fault === 'lost') return;
    if (fault === 'corrupted') this.faults.corrupt(frame);
    this.arriveAfter(this.delay + (fault === 'reordered' ? this.faults.hold() : 0), frame, from);
    if (fault === 'duplicated') this.arriveAfter(this.delay + this.faults.hold(), frame, from);
  }

  private arriveAfter(microseconds: number, frame: Uint8Array, from: Socket): void {
    if (microseconds === 0) this.arrive(frame, from);
    else this.clock.after(microseconds, () => this.arrive(frame, from));
  }

  private arrive(frame: Uint8Array, from: Socket): void {
    for (const socket of this.sockets.slice()) {
      if (socket === from || !socket.up) continue;
      this.counts.delivered++;
      socket.station.frameArrived(frame);
    }
  }
}

/** Where a station's cable meets the wire. */
class Socket implements WireCable {
  plugged = true;
  up = false;
  /** Microseconds on the clock from which this sender's next frame may start. */
  private freeAt = 0;

  constructor(private readonly wire: Wire, readonly station: Station, readonly name: string) {}

  transmit(frame: Uint8Array): number {
    const { clock } = this.wire;
    const copy = new Uint8Array(frame);
    const left = Math.max(clock.now, this.freeAt) + this.wire.duration(copy.length);
    this.freeAt = left + this.wire.interframeGap;
    const heard = this.up;
    clock.after(left - clock.now, () => this.wire.leaves(copy, this, heard && this.up));
    return left - clock.now;
  }

  pull(): void {
    this.plugged = false;
    this.wire.linksChanged();
  }

  plug(): void {
    this.plugged = true;
    this.wire.linksChanged();
  }

  linkChanged(up: boolean): void {
    if (up === this.up) return;
    this.up = up;
    this.station.linkChanged(up);
  }
}
