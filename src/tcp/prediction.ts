import type { Frame } from '../../hal/hal';
import { TIMESTAMPS, WINDOW_SCALE } from '../features';
import { IP_HEADER, Protocol } from '../ip/ipv4';
import { Ethernet } from '../link/ethernet';
import { get16, get32 } from '../wire/bytes';
import { pseudoHeaderSum } from '../wire/checksum';
import { advance, before, distance } from '../wire/sequence';
import type { Connection } from './connection';
import { DELAYED_ACK_TIME } from './constants';
import { Ack, Bit, Event } from './control-block';
import { changeSendWindow, takeCleanAck } from './input';
import { TIMESTAMPS_LENGTH } from './options';
import { sendControl } from './output';
import { takeText } from './reassembly';
import { Flag, Tcp } from './segment';
import { State } from './states';
import type { TcpHost } from './tcp';
import { Timer } from './timers';

/** `Frame.words` of a datagram without IP options, and what each holds, its first octet lowest. */
const enum Word {
  type = 2, // the last two octets of the sender's hardware address, EtherType
  length = 3, // version and header length, type of service, total length
  fragment = 4, // identification, flags and offset
  protocol = 5, // time to live, protocol, checksum
  source = 6,
  destination = 7,
  ports = 8,
  sequence = 9,
  acknowledgment = 10,
  window = 11, // data offset, flags, window
  option = 13, // behind checksum and urgent pointer
}

/** Offsets in the frame. */
const enum At {
  ip = 14,
  total = 16,
  sequence = 38,
  acknowledgment = 42,
  window = 48,
  tsVal = 58,
  tsEcr = 62,
}

/** Version 4, and a header without options. */
const PLAIN_IP = 0x45;
/** The same, and the protocol in the octet above. */
const PLAIN_TCP = PLAIN_IP | (Protocol.tcp << 8);
/** More fragments, or not the first one: in the upper half. */
const FRAGMENT = -0xc10000;
/** Data offset and flags but PSH; the window. */
const FLAGS = 0xf7ff;
const UPPER = -0x10000;
/** Two octets of padding, and the timestamps option's kind and length. */
const TIMESTAMPS_OPTION = 0x0a080101;

/**
 * What the next segment of the connection that the last was for looks like, as words of a frame: those of its headers
 * that stay the same are compared as they are, and of the numbers it is known what they come to.
 */
export class Prediction {
  /** Is ESTABLISHED: the way out of that state leads through `forget`, or leaves a bit of `Bit.special`. */
  c: Connection | null = null;
  /** Whose segment went the long way last; it came behind another one of the same: what follows is expected. */
  last: Connection | null = null;
  wanted = false;
  private type = 0;
  private source = 0;
  private destination = 0;
  private ports = 0;
  /** Data offset and flags: the lower half of a word. */
  private flags = 0;
  /** The whole word as it was last, whose window is the connection's; 0: it may have another one. */
  window = 0;
  /** The sum of the pseudo-header, of whose length the total length lacks this: nothing, modulo 0xFFFF. */
  private sum = 0;
  /** Octets of both headers. */
  private headers = 0;
  private sequenceWord = 0;
  private sequence = 0;
  private acknowledgmentWord = 0;
  private acknowledgment = 0;

  /** A segment of `c` went the long way. */
  sees(c: Connection): void {
    'cold';
    if (c === this.last) this.wanted = true;
    else this.last = c;
  }

  /** `c` is not ESTABLISHED any more, or will not be. */
  forget(c: Connection): void {
    'cold';
    if (this.c === c) this.c = null;
  }

  /** Expects that the connection that `frame` was for gets the next one too. */
  expect(tcp: TcpHost, frame: Frame): void {
    'cold';
    const words = frame.words;
    const c = this.last!;
    this.wanted = false;
    if (c.state !== State.ESTABLISHED || (words[Word.length] & 0xff) !== PLAIN_IP || words[Word.fragment] & FRAGMENT) return;
    const options = TIMESTAMPS && c.bits & Bit.timestamps ? TIMESTAMPS_LENGTH : 0;
    this.c = c;
    this.type = words[Word.type];
    this.source = words[Word.source];
    this.destination = words[Word.destination];
    this.ports = words[Word.ports];
    this.window = 0;
    this.flags = (Flag.ACK << 8) | ((Tcp.header + options) << 2);
    this.headers = IP_HEADER + Tcp.header + options;
    this.sum = pseudoHeaderSum(c.remoteAddress, tcp.ip.address, Protocol.tcp, 0) + 0xffff - IP_HEADER;
  }

  /**
   * Header prediction: most segments are the next one of the connection that the last was for, in order, with nothing
   * special about them. Such a one is taken in here, from the Ethernet frame to the application or the ring, by the same
   * steps as `Ipv4.receive`, `Segment.parse` and `segmentArrives`, but all checks are for what is expected.
   * @param length octets of the frame
   * @returns false when the frame is anything else: nothing has changed, and it goes the long way
   */
  takes(tcp: TcpHost, frame: Frame, length: number): boolean {
    const words = frame.words;
    const c = this.c;
    if (
      c === null ||
      words[Word.ports] !== this.ports ||
      words[Word.source] !== this.source ||
      (words[Word.window] !== this.window && (words[Word.window] & FLAGS) !== this.flags) ||
      words[Word.destination] !== this.destination ||
      words[Word.type] !== this.type
    ) {
      return false;
    }
    const octets = frame.octets;
    if (words[Word.sequence] !== this.sequenceWord) {
      this.sequenceWord = words[Word.sequence];
      this.sequence = get32(octets, At.sequence);
    }
    if (words[Word.acknowledgment] !== this.acknowledgmentWord) {
      this.acknowledgmentWord = words[Word.acknowledgment];
      this.acknowledgment = get32(octets, At.acknowledgment);
    }
    const total = get16(octets, At.total);
    const count = total - this.headers;
    const acked = distance(c.sndUna, this.acknowledgment);
    if (
      this.sequence !== c.rcvNxt ||
      before(this.sequence, c.sndWl1) ||
      // Without a sign what is below 0 is above all limits.
      acked >>> 0 > distance(c.sndUna, c.sndNxt) ||
      count >>> 0 > c.rcvWnd ||
      (count | acked) === 0 ||
      c.bits & Bit.special ||
      ((words[Word.length] & 0xff) | (words[Word.protocol] & 0xff00) | (words[Word.fragment] & FRAGMENT)) !== PLAIN_TCP ||
      total + Ethernet.header > length
    ) {
      return false;
    }
    if (TIMESTAMPS && c.bits & Bit.timestamps && !isTimely(c, frame)) return false;
    // The sum of both headers and the data: each part must make nothing, so together they do.
    const sum = tcp.platform.rawSumOfFrame(frame, At.ip, total);
    if ((sum + ((this.sum + total) << 8)) % 0xffff !== 0) return false;
    tcp.ip.counters.inReceives++;
    tcp.ip.counters.inDelivers++;
    tcp.counters.inSegs++;
    c.heard = tcp.alarm.now;
    if (TIMESTAMPS && c.bits & Bit.timestamps && c.ackDue === 0) c.tsRecent = get32(octets, At.tsVal);
    if (words[Word.window] !== this.window) {
      if ((words[Word.window] ^ this.window) & UPPER || this.window === 0) this.takeWindow(tcp, c, frame);
      this.window = words[Word.window];
    }
    if (acked > 0) takeCleanAck(tcp, c, this.acknowledgment, acked, octets, At.tsEcr);
    c.sndWl1 = this.sequence;
    c.sndWl2 = this.acknowledgment;
    if (count > 0) takeNext(tcp, c, octets, At.ip + this.headers, count);
    // Something to tell, or to send: not all that is queued is on its way.
    if (c.events & Event.toTell || c.sendQueued !== distance(c.sndUna, c.sndNxt)) tcp.schedule(c);
    return true;
  }

  /** The window is not the same as in the last segment. */
  private takeWindow(tcp: TcpHost, c: Connection, frame: Frame): void {
    'cold';
    const shift = WINDOW_SCALE && c.bits & Bit.windowScale ? (c.service >> 16) & 15 : 0;
    const offered = get16(frame.octets, At.window) << shift;
    if (c.sndWnd === offered) return;
    changeSendWindow(tcp, c, offered);
    tcp.schedule(c);
  }
}

/** The timestamps option stands where it does in most segments, and is not older than the last. */
function isTimely(c: Connection, frame: Frame): boolean {
  return frame.words[Word.option] === TIMESTAMPS_OPTION && !before(get32(frame.octets, At.tsVal), c.tsRecent);
}

/** Text at RCV.NXT: given to an application that takes it at once, else put into the ring. */
function takeNext(tcp: TcpHost, c: Connection, octets: Uint8Array, data: number, count: number): void {
  const handler = c.handler;
  // The application hears that the connection is open before it is given text.
  const first = (c.available | (c.events & Event.opened)) > 0;
  if (first || handler === null || !handler.accepts || !handler.accepts(c, octets, data, count)) {
    takeText(tcp, c, octets, data, count);
    return;
  }
  c.rcvNxt = advance(c.rcvNxt, count);
  c.rcvWnd -= count;
  // Without room for another segment the peer would wait for this timer.
  if (c.ackDue === 0 && c.rcvWnd >= tcp.mss) {
    c.ackDue = Ack.delayed;
    tcp.ensureTimer(c, Timer.delayedAck, DELAYED_ACK_TIME);
  } else if (!sendControl(tcp, c, Flag.ACK)) {
    c.ackDue = Ack.now;
    tcp.schedule(c);
  }
}
