import { closeSync, constants, openSync } from 'node:fs';
import type { EthernetMac, Frame } from '../hal';
import { AddressFilter, LONGEST_FRAME, SHORTEST_FRAME, macCounters } from '../mock/wire-port';
import { configureInterface } from './interface';
import { EAGAIN, EBUSY, EINTR, EINVAL, EPERM, POLLERR, POLLIN, POLLNVAL, POLLOUT, libc } from './libc';

export interface TapOptions {
  /** The network interface's name, up to 15 characters. */
  name: string;
  /** Our station address on it, six octets; the host's end has another one. Default 02:00:00:00:00:02. */
  address?: Uint8Array;
  /** Receives frames to every address. Default false. */
  promiscuous?: boolean;
}

/** Linux's <linux/if_tun.h> and <linux/if.h>. */
const TUNSETIFF = 0x400454ca;
const TUNSETCARRIER = 0x400454e2;
const IFF_TAP = 0x0002;
const IFF_NO_PI = 0x1000;
const IFREQ_OCTETS = 40;
const IFREQ_FLAGS = 16;
const NAME_LIMIT = 15;

const HEADER = 14;
/** A full frame with a VLAN tag, and one octet more to tell a longer one by. */
const READ_OCTETS = LONGEST_FRAME + 4 + 1;
/** Milliseconds that a wait for frames lasts at most, and so the time that `close` may take. */
const WATCH_LIMIT = 100;

const ELSE = '`--lan localhost` needs no rights and no device.';

/**
 * A Linux TAP device as an Ethernet MAC: what the kernel sends on the network interface `name` is received here, and the
 * other way round. The interface is made by `open` and goes when the device is closed or the process ends in whatever way,
 * unless it was there before, made to stay with `ip tuntap`.
 */
export class TapDevice implements EthernetMac {
  readonly address: Uint8Array;
  readonly counters = macCounters();
  readonly name: string;

  /** Runs when the interface has gone from under the device, for example with its network namespace. */
  onLost: ((error: Error) => void) | undefined;

  private readonly filter: AddressFilter;
  private descriptor = -1;
  private readonly incoming = new Uint8Array(READ_OCTETS);
  private readonly outgoing = new Uint8Array(LONGEST_FRAME);
  private readable: (() => void) | undefined;
  /** Ends when the wait that is under way has ended; undefined while none is. */
  private watching: Promise<void> | undefined;
  private readonly watchSet = Buffer.alloc(8);
  private readonly linkSet = Buffer.alloc(8);

  /** @throws RangeError when the name or the address is none */
  constructor(options: TapOptions) {
    const { name } = options;
    if (name.length > NAME_LIMIT) {
      throw new RangeError(
        `The interface name ${name} has ${name.length} characters; Linux takes ${NAME_LIMIT} at most.`,
      );
    }
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) {
      throw new RangeError(`An interface name is made of letters, digits, dots, dashes and underscores, not "${name}".`);
    }
    this.name = name;
    this.address = options.address ?? Uint8Array.of(0x02, 0, 0, 0, 0, 0x02);
    this.filter = new AddressFilter(this.address, options.promiscuous);
  }

  /** Receives frames to every address while true. */
  get promiscuous(): boolean {
    return this.filter.promiscuous;
  }
  set promiscuous(all: boolean) {
    this.filter.promiscuous = all;
  }

  /**
   * Runs in the event loop when frames wait. Once called it is called again only after `receive` has returned 0: so
   * receive until then, now or later. While set, it keeps the process alive until `close`.
   */
  get onReadable(): (() => void) | undefined {
    return this.readable;
  }
  set onReadable(run: (() => void) | undefined) {
    this.readable = run;
    this.watch();
  }

  get isOpen(): boolean {
    return this.descriptor >= 0;
  }

  open(): void {
    if (this.isOpen) return;
    const { ioctl, errno } = libc();
    const descriptor = openClone();
    const request = Buffer.alloc(IFREQ_OCTETS);
    request.write(this.name, 'latin1');
    request.writeUInt16LE(IFF_TAP | IFF_NO_PI, IFREQ_FLAGS);
    if (ioctl(descriptor, TUNSETIFF, request) < 0) {
      const number = errno();
      closeSync(descriptor);
      throw new Error(whyNoInterface(this.name, number));
    }
    this.descriptor = descriptor;
    this.watch();
  }

  /**
   * Gives the host its end: an address, IPv6 switched off (its announcements are noise to an IPv4 board), and up.
   * @param hostIp an IPv4 address with the length of its prefix: `192.168.7.1/24`
   * @throws Error when the address is none, `ip` is missing, or it refuses
   */
  configure(hostIp: string): void {
    if (!this.isOpen) throw new Error(`The TAP device ${this.name} must be opened before it is configured.`);
    configureInterface(this.name, hostIp);
  }

  mayReceive(): boolean {
    return true;
  }

  receive(frame: Frame): number {
    while (this.isOpen) {
      const { read, errno } = libc();
      const length = read(this.descriptor, this.incoming, READ_OCTETS);
      if (length < 0) {
        const number = errno();
        if (number === EINTR) continue;
        if (number !== EAGAIN) this.lost();
        break;
      }
      if (length < HEADER || !this.filter.takes(this.incoming)) continue;
      if (length > frame.size || length === READ_OCTETS) {
        this.counters.rxOversize++;
        continue;
      }
      for (let index = 0; index < length; index++) frame.octets[index] = this.incoming[index]!;
      this.counters.rxFrames++;
      return length;
    }
    this.watch();
    return 0;
  }

  /** No bus lies between the frames and us. */
  sound(): boolean {
    return true;
  }

  /** @throws RangeError when `length` is not 14 to 1514 */
  send(frame: Uint8Array, length: number): boolean {
    return this.sendParts(frame, length, frame, 0, 0);
  }

  /** @throws as `send` */
  sendParts(frame: Uint8Array, header: number, data: Uint8Array, offset: number, count: number): boolean {
    const length = header + count;
    if (!(header >= HEADER && length <= LONGEST_FRAME)) {
      throw new RangeError(`A frame to send has ${HEADER} to ${LONGEST_FRAME} octets, not ${length}.`);
    }
    const { write, errno } = libc();
    const padded = Math.max(length, SHORTEST_FRAME);
    this.outgoing.set(frame.subarray(0, header));
    this.outgoing.set(data.subarray(offset, offset + count), header);
    this.outgoing.fill(0, length, padded);
    if (write(this.descriptor, this.outgoing, padded) < 0) {
      const number = errno();
      if (number === EAGAIN || number === EINTR) return false;
      this.counters.txErrors++; // the interface is down, or closed: the frame went nowhere
    }
    this.counters.txFrames++;
    return true;
  }

  /** True while the host has its end of the interface up. */
  linkUp(): boolean {
    return (this.ask(POLLOUT) & POLLOUT) !== 0;
  }

  /** Shows the host a cable that is in or out (`NO-CARRIER`). */
  setCarrier(up: boolean): void {
    if (!this.isOpen) return;
    const argument = Buffer.alloc(4);
    argument.writeInt32LE(up ? 1 : 0);
    libc().ioctl(this.descriptor, TUNSETCARRIER, argument);
  }

  multicast(group: Uint8Array, join: boolean): void {
    this.filter.multicast(group, join);
  }

  /** Throws away what waits to be received. */
  recover(): void {
    while (this.isOpen && libc().read(this.descriptor, this.incoming, READ_OCTETS) >= 0);
    this.counters.recoveries++;
  }

  /**
   * Closes the device; nothing of it keeps the process alive after that. Further calls do nothing.
   * @returns settles when the interface has gone, within 100 ms: only to be waited for before opening one of the same name
   */
  async close(): Promise<void> {
    if (this.isOpen) closeSync(this.descriptor);
    this.descriptor = -1;
    await this.watching;
  }

  /** The kernel tells that the interface is up by POLLOUT, and that it has gone by POLLERR, whatever its namespace. */
  private ask(events: number): number {
    if (!this.isOpen) return 0;
    this.linkSet.writeInt32LE(this.descriptor, 0);
    this.linkSet.writeInt16LE(events, 4);
    return libc().poll(this.linkSet, 1, 0) > 0 ? this.linkSet.readInt16LE(6) : 0;
  }

  /** Waits for frames, in a thread that Node's event loop outlives by the limit at most. */
  private watch(): void {
    if (!this.isOpen || this.readable === undefined || this.watching !== undefined) return;
    const { descriptor } = this;
    this.watchSet.writeInt32LE(descriptor, 0);
    this.watchSet.writeInt16LE(POLLIN, 4);
    this.watchSet.writeInt16LE(0, 6);
    this.watching = new Promise((ended) => {
      libc().pollAside(this.watchSet, 1, WATCH_LIMIT, (result) => {
        this.watching = undefined;
        ended();
        if (!this.isOpen || this.descriptor !== descriptor) this.watch();
        else this.watched(result > 0 ? this.watchSet.readInt16LE(6) : 0);
      });
    });
  }

  private watched(events: number): void {
    if ((events & (POLLERR | POLLNVAL)) !== 0) this.lost();
    else if ((events & POLLIN) !== 0) this.readable?.();
    else this.watch();
  }

  private lost(): void {
    closeSync(this.descriptor);
    this.descriptor = -1;
    this.onLost?.(new Error(`The network interface ${this.name} has been removed.`));
  }
}

function openClone(): number {
  try {
    return openSync('/dev/net/tun', constants.O_RDWR | constants.O_NONBLOCK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    let sentence = `/dev/net/tun cannot be opened: ${message}.`;
    if (process.platform !== 'linux') sentence = 'TAP devices are a thing of Linux.';
    else if (code === 'ENOENT' || code === 'ENODEV' || code === 'ENXIO') {
      sentence = 'This kernel offers no TAP devices: /dev/net/tun is missing, or has no driver behind it.';
    } else if (code === 'EACCES' || code === 'EPERM') {
      sentence = 'There is no permission to open /dev/net/tun: that needs root, or access to the device and CAP_NET_ADMIN.';
    }
    throw new Error(`${sentence} ${ELSE}`, { cause: error });
  }
}

function whyNoInterface(name: string, number: number): string {
  if (number === EPERM) {
    return `There is no permission to make the network interface ${name}: that needs root or CAP_NET_ADMIN. ${ELSE}`;
  }
  if (number === EBUSY) return `The network interface ${name} is in use by another program; choose another name.`;
  if (number === EINVAL) return `There is a network interface ${name} already that is not a TAP device; choose another name.`;
  return `The network interface ${name} cannot be made: error ${number} of TUNSETIFF.`;
}
