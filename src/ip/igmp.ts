import { Change } from '../link/alarm';
import type { Service } from '../link/alarm';
import type { DatagramReceiver, Stack } from '../stack';
import { get32, put16, put32 } from '../wire/bytes';
import { advance, before } from '../wire/sequence';
import { groupAddress, Ip, Protocol, Sent } from './ipv4';
import type { Groups } from './ipv4';

/** Offsets in a message (RFC 2236 section 2), from its start. */
const enum Igmp {
  type = 0, // 1 octet
  time = 1, // 1 octet, tenths of a second to answer in
  checksum = 2, // 2 octets
  group = 4, // 4 octets
  end = 8,
}

const enum IgmpType {
  query = 0x11,
  report1 = 0x12,
  report2 = 0x16,
  leave = 0x17,
}

const ALL_HOSTS = 0xe0000001 | 0;
const ALL_ROUTERS = 0xe0000002 | 0;
/** A group that was just joined is reported so often, so many milliseconds apart at most (section 8.10). */
const REPORTS = 2;
const UNSOLICITED_INTERVAL = 10000;
/** Time to live 1, type of service 0. */
const SERVICE = 1;

/** Membership of multicast groups (RFC 1112, IGMP version 2 of RFC 2236). */
export class IgmpHost implements Groups, Service, DatagramReceiver {
  /** Reports and farewells sent. */
  sent = 0;
  /** Queries and reports that came in; messages of other types; messages with a wrong length or checksum. */
  taken = 0;
  ignored = 0;
  errors = 0;

  private readonly groups: Int32Array;
  /** How many have joined each group, and reports that are still to be sent, at `due`. */
  private readonly users: Uint8Array;
  private readonly reports: Uint8Array;
  private readonly due: Int32Array;
  private readonly hardware = new Uint8Array(6);
  private readonly routerAlert = new Uint8Array([148, 4, 0, 0]);

  /** @param count groups that the host can be in */
  constructor(
    private readonly stack: Stack,
    count: number,
  ) {
    'cold';
    this.groups = new Int32Array(count);
    this.users = new Uint8Array(count);
    this.reports = new Uint8Array(count);
    this.due = new Int32Array(count);
    stack.ip.groups = this;
    stack.igmp = this;
    stack.services.push(this);
    groupAddress(this.hardware, ALL_HOSTS);
    stack.link.mac.multicast(this.hardware, true);
  }

  /** Joins a group. @returns false when it is none, or the table is full */
  joinGroup(group: number): boolean {
    'cold';
    // Every host is in this one, and no router asks for it (section 6).
    if (group === ALL_HOSTS) return true;
    if (group >>> 28 !== 14) return false;
    let at = this.findGroup(group);
    if (at < 0) at = this.findGroup(0);
    if (at < 0) return false;
    this.groups[at] = group;
    if (this.users[at]++ > 0) return true;
    groupAddress(this.hardware, group);
    this.stack.link.mac.multicast(this.hardware, true);
    this.announceGroup(at);
    return true;
  }

  /** Leaves a group when nobody else here is in it. */
  leaveGroup(group: number): void {
    'cold';
    const at = this.findGroup(group);
    if (at < 0 || group === 0 || --this.users[at] > 0) return;
    this.groups[at] = 0;
    this.reports[at] = 0;
    groupAddress(this.hardware, group);
    this.stack.link.mac.multicast(this.hardware, false);
    this.sendIgmp(IgmpType.leave, group, ALL_ROUTERS);
  }

  hasJoined(group: number): boolean {
    return group === ALL_HOSTS || (group !== 0 && this.findGroup(group) >= 0);
  }

  receive(frame: Uint8Array): void {
    this.takeIgmp(frame);
  }

  tick(now: number): void {
    'cold';
    for (let at = 0; at < this.groups.length; at++) if (this.reports[at] > 0) this.reportGroup(at, now);
  }

  changed(what: Change): void {
    'cold';
    if (what === Change.unplugged) return;
    for (let at = 0; at < this.groups.length; at++) if (this.users[at] > 0) this.announceGroup(at);
  }

  private takeIgmp(frame: Uint8Array): void {
    'cold';
    const ip = this.stack.ip;
    const at = ip.payload;
    if (ip.payloadLength < Igmp.end || this.stack.platform.checksum(frame, at, ip.payloadLength) !== 0xffff) {
      this.errors++;
      return;
    }
    const type = frame[at + Igmp.type];
    if (type === IgmpType.query || type === IgmpType.report1 || type === IgmpType.report2) this.taken++;
    else this.ignored++;
    const group = get32(frame, at + Igmp.group);
    const tenths = frame[at + Igmp.time];
    // Version 1 does not say how long: ten seconds.
    const limit = tenths === 0 ? UNSOLICITED_INTERVAL : tenths * 100;
    for (let index = 0; index < this.groups.length; index++) {
      const ours = this.users[index] > 0 && (group === 0 || group === this.groups[index]);
      if (ours && type === IgmpType.query) this.scheduleReport(index, limit);
      else if (ours && (type === IgmpType.report1 || type === IgmpType.report2)) this.reports[index] = 0;
    }
  }

  private announceGroup(at: number): void {
    'cold';
    this.reports[at] = REPORTS;
    this.due[at] = this.stack.alarm.now;
    this.stack.alarm.wakeAt(this.due[at]);
  }

  /** One report within so many milliseconds, unless one is due sooner. */
  private scheduleReport(at: number, limit: number): void {
    'cold';
    const due = advance(this.stack.alarm.now, (this.stack.platform.random() >>> 0) % limit);
    if (this.reports[at] > 0 && before(this.due[at], due)) return;
    this.reports[at] = 1;
    this.due[at] = due;
    this.stack.alarm.wakeAt(due);
  }

  private reportGroup(at: number, now: number): void {
    'cold';
    const alarm = this.stack.alarm;
    if (before(now, this.due[at])) {
      alarm.wakeAt(this.due[at]);
    } else if (!this.sendIgmp(IgmpType.report2, this.groups[at], this.groups[at])) {
      alarm.wakeAt(now);
    } else if (--this.reports[at] > 0) {
      this.due[at] = advance(now, (this.stack.platform.random() >>> 0) % UNSOLICITED_INTERVAL);
      alarm.wakeAt(this.due[at]);
    }
  }

  /** False: the transmitter is busy. */
  private sendIgmp(type: IgmpType, group: number, destination: number): boolean {
    'cold';
    const stack = this.stack;
    if (!stack.link.ready()) return false;
    const frame = stack.link.frame;
    put16(frame, Ip.payload + Igmp.type, type << 8);
    put16(frame, Ip.payload + Igmp.checksum, 0);
    put32(frame, Ip.payload + Igmp.group, group);
    put16(frame, Ip.payload + Igmp.checksum, ~stack.platform.checksum(frame, Ip.payload, Igmp.end));
    const sent = stack.ip.sendWithOptions(this.routerAlert, 4, destination, Protocol.igmp, Igmp.end, stack.alarm.now, SERVICE);
    if (sent === Sent.yes) this.sent++;
    return sent !== Sent.busy;
  }

  private findGroup(group: number): number {
    for (let at = 0; at < this.groups.length; at++) if (this.groups[at] === group) return at;
    return -1;
  }
}
