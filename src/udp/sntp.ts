import { DEFAULT_SERVICE, Sent } from '../ip/ipv4';
import { Change } from '../link/alarm';
import type { Service } from '../link/alarm';
import { get32 } from '../wire/bytes';
import { advance, before, distance } from '../wire/sequence';
import type { DhcpClient } from './dhcp';
import type { DnsResolver } from './dns';
import { Resolution } from './dns-result';
import type { NameHandler } from './dns-result';
import { answersQuery, forbids, knowsTime, milliseconds, Ntp, putQuery, SntpCounters } from './sntp-message';
import { UDP_DATA } from './udp';
import type { DatagramHandler, UdpHost } from './udp';

const SERVER_PORT = 123;
/** Milliseconds between two questions at least (RFC 4330 section 10): to the first repetition, doubled up to the 64-fold. */
const LEAST_WAIT = 15000;
const DOUBLINGS = 6;
/** From an answer to the next question; servers may ask for longer ones. */
const INTERVAL = 1024000;
const LONGEST_INTERVAL = 128 * INTERVAL;
/** Milliseconds of the longest way there and back: the time would be wrong by up to half of it. */
const LONGEST_WAY = 4000;

export const enum SntpState {
  stopped = 0,
  /** The next question is due at its time. */
  waiting = 1,
  resolving = 2,
  asking = 3,
}

export interface TimeHandler {
  /**
   * What time it is at the present poll's `Alarm.now`, the way there and back taken into account.
   * @param seconds since 1900, or 2036-02-07 06:28:16 UTC when they are not negative: a signed 32-bit integer
   * @param milliseconds 0 to 999
   */
  timeFound(seconds: number, milliseconds: number): void;
  /** The server wants to be asked no more; the client has stopped. */
  timeRefused(): void;
}

/**
 * A client of one NTP server (RFC 4330; RFC 5905 section 14). A question holds nothing but a random number where the
 * time of its sending would stand, and comes from a random port: only who has seen it can answer.
 */
export class SntpClient implements Service, DatagramHandler, NameHandler {
  readonly counters = new SntpCounters();
  state = SntpState.stopped;
  /** The server that is asked: a signed 32-bit integer, 0 while it is not known. */
  server = 0;
  /** Whose lease names the server, unless `startSntp` is told one. */
  lease: DhcpClient | null = null;

  private name = '';
  private fixed = 0;
  private request = 0;
  private port = 0;
  private nonce = 0;
  private nonceEnd = 0;
  private sentAt = 0;
  /** Questions since the last answer. */
  private tries = 0;
  private due = 0;
  /** Before which nothing may be sent. */
  private earliest = 0;
  /** Milliseconds from an answer to the next question: the interval, or longer since the server asked for that. */
  private pause = 0;

  /** @param resolver null: servers are told by their address only */
  constructor(
    private readonly udp: UdpHost,
    private readonly resolver: DnsResolver | null,
    private readonly handler: TimeHandler,
  ) {
    'cold';
    this.earliest = udp.stack.alarm.now;
    udp.stack.services.push(this);
  }

  /**
   * Asks a server from now on. With neither a name nor an address it is the one that comes with the DHCP lease.
   * @param name "" for none
   * @param address a signed 32-bit integer, 0 for none
   * @throws Error when it is no name, or nobody is there to look it up
   */
  startSntp(name: string, address: number): void {
    'cold';
    if (name.length > 0 && this.resolver === null) throw new Error('SNTP: "' + name + '" is no address, and names are not known here');
    if (name.length > 0) this.resolver!.checkName(name);
    this.stopSntp();
    this.name = name;
    this.fixed = address;
    this.server = 0;
    this.tries = 0;
    this.pause = INTERVAL;
    this.waitFor(this.earliest);
  }

  stopSntp(): void {
    'cold';
    if (this.state === SntpState.resolving) this.resolver!.cancel(this.request);
    if (this.state === SntpState.asking) this.udp.closePort(this.port);
    this.state = SntpState.stopped;
  }

  tick(now: number): void {
    'cold';
    if (this.state === SntpState.stopped || this.state === SntpState.resolving) return;
    if (before(now, this.due)) this.udp.stack.alarm.wakeAt(this.due);
    else this.findServer(now);
  }

  /** Another network, perhaps another server: it is asked as soon as may be. */
  changed(what: Change): void {
    'cold';
    if (what !== Change.unplugged && this.state !== SntpState.stopped) this.restartSntp();
  }

  datagram(frame: Uint8Array, at: number, length: number, address: number, port: number): void {
    this.counters.received++;
    this.takeTime(frame, at, address === this.server && port === SERVER_PORT && length >= Ntp.end);
  }

  resolved(_request: number, address: number, resolution: Resolution): void {
    this.state = SntpState.waiting;
    this.server = address;
    if (resolution === Resolution.found) this.askTime(this.udp.stack.alarm.now);
    else this.retryTime();
  }

  private restartSntp(): void {
    'cold';
    this.stopSntp();
    this.server = 0;
    this.waitFor(this.earliest);
  }

  /** Waits until `at`, or for the next turn if that is over. */
  private waitFor(at: number): void {
    'cold';
    const alarm = this.udp.stack.alarm;
    this.state = SntpState.waiting;
    this.due = before(at, alarm.now) ? alarm.now : at;
    alarm.wakeAt(this.due);
  }

  /** No answer, or none that helps: the next question waits twice as long. */
  private retryTime(): void {
    'cold';
    this.tries++;
    const wait = LEAST_WAIT << (this.tries - 1 < DOUBLINGS ? this.tries - 1 : DOUBLINGS);
    this.waitFor(advance(this.udp.stack.alarm.now, this.pause > INTERVAL ? this.pause : wait));
  }

  /** A name is looked up again when its server has not answered. */
  private findServer(now: number): void {
    'cold';
    if (this.state === SntpState.asking) this.udp.closePort(this.port);
    if (!this.udp.stack.linkWasUp) {
      // Nobody hears us before `changed`.
      this.waitFor(advance(now, LEAST_WAIT));
      return;
    }
    this.state = SntpState.waiting;
    const looksUp = this.fixed === 0 && this.name.length > 0 && (this.server === 0 || this.tries > 0);
    if (looksUp && this.resolver !== null) {
      this.request = this.resolver.lookUp(this.name, this);
      if (this.request >= 0) this.state = SntpState.resolving;
      else this.retryTime();
      return;
    }
    if (this.fixed !== 0) this.server = this.fixed;
    else if (this.name.length === 0) this.server = this.lease === null ? 0 : this.lease.timeServer;
    this.askTime(now);
  }

  private askTime(now: number): void {
    'cold';
    const stack = this.udp.stack;
    if (this.server === 0 || this.udp.findPort(0) < 0) {
      this.retryTime();
      return;
    }
    if (!stack.link.ready()) {
      stack.alarm.wakeAt(now);
      return;
    }
    const frame = stack.link.frame;
    this.nonce = stack.platform.random();
    this.nonceEnd = stack.platform.random();
    putQuery(frame, UDP_DATA, this.nonce, this.nonceEnd);
    this.port = this.udp.openPort(0, this);
    const sent = this.udp.sendFrame(this.port, this.server, SERVER_PORT, Ntp.end, DEFAULT_SERVICE);
    this.retryTime();
    if (sent !== Sent.yes) {
      this.udp.closePort(this.port);
      return;
    }
    this.counters.sent++;
    this.sentAt = now;
    this.earliest = advance(now, LEAST_WAIT);
    this.state = SntpState.asking;
  }

  /** The checks of RFC 5905 section 8 and RFC 4330 section 5. */
  private takeTime(frame: Uint8Array, at: number, fromServer: boolean): void {
    'cold';
    const now = this.udp.stack.alarm.now;
    const way = distance(this.sentAt, now);
    if (!fromServer || way > LONGEST_WAY || !answersQuery(frame, at, this.nonce, this.nonceEnd)) {
      this.counters.rejected++;
      return;
    }
    this.udp.closePort(this.port);
    this.state = SntpState.waiting;
    const code = get32(frame, at + Ntp.reference);
    if (frame[at + Ntp.stratum] === 0 && code !== 0) this.takeKiss(code);
    else if (knowsTime(frame, at)) this.tellTime(frame, at, way);
    else this.counters.unsynchronized++;
  }

  /** A kiss of death: RFC 5905 section 7.4. */
  private takeKiss(code: number): void {
    'cold';
    this.counters.kisses++;
    if (forbids(code)) {
      this.stopSntp();
      this.handler.timeRefused();
      return;
    }
    if (this.pause < LONGEST_INTERVAL) this.pause *= 2;
    this.waitFor(advance(this.udp.stack.alarm.now, this.pause));
  }

  /** @param way milliseconds from the question to the answer */
  private tellTime(frame: Uint8Array, at: number, way: number): void {
    'cold';
    const seconds = get32(frame, at + Ntp.transmit);
    const thousandths = milliseconds(get32(frame, at + Ntp.transmit + 4));
    // What the server has kept the question for is no part of the way.
    const whole = (seconds - get32(frame, at + Ntp.receive)) | 0;
    const kept = whole * 1000 + thousandths - milliseconds(get32(frame, at + Ntp.receive + 4));
    const both = kept > 0 && kept <= way ? way - kept : way;
    const sum = thousandths + (both >> 1);
    this.tries = 0;
    this.waitFor(advance(this.udp.stack.alarm.now, this.pause));
    this.handler.timeFound((seconds + ((sum / 1000) | 0)) | 0, sum % 1000);
  }
}
