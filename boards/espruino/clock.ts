import { now, setClock } from '../../hal/espruino';
import { parseAddress } from '../../src/ip/address';
import type { Stack } from '../../src/stack';
import type { DhcpClient } from '../../src/udp/dhcp';
import type { DnsResolver } from '../../src/udp/dns';
import { SntpClient } from '../../src/udp/sntp';
import type { TimeHandler } from '../../src/udp/sntp';
import { distance } from '../../src/wire/sequence';
import { udpOf } from './other-sockets';

/** Seconds from NTP's beginning, the year 1900 or 2036, read as a signed number, to that of Unix. */
const SINCE_1970 = 2085978496;

/** @throws Error when these are no hours */
export function setZone(hours: unknown): void {
  'cold';
  if (typeof hours !== 'number') throw new Error('zone: "' + hours + '" is not a number of hours from UTC');
  E.setTimeZone(hours);
}

/** Keeps Espruino's clock right. */
export class Clock implements TimeHandler {
  readonly client: SntpClient;
  private callback: ((error: string | null) => void) | undefined;

  constructor(
    private readonly stack: Stack,
    resolver: DnsResolver | null,
  ) {
    'cold';
    this.client = new SntpClient(udpOf(stack), resolver, this);
  }

  /**
   * @param server an address or a name; undefined: that of the lease, false: none
   * @throws Error when it is neither, or nothing says what it is
   */
  startClock(server: string | false | undefined, lease: DhcpClient | null, callback: ((error: string | null) => void) | undefined): void {
    'cold';
    this.callback = callback;
    this.client.stopSntp();
    if (server === false) return;
    if (!server && lease === null) throw new Error('setSNTP: without DHCP it needs a server, by its address or name');
    this.client.lease = lease;
    const name = server ? '' + server : '';
    let address = 0;
    try {
      address = parseAddress(name);
    } catch (notOne) {
      address = 0;
    }
    this.client.startSntp(address === 0 ? name : '', address);
  }

  timeFound(seconds: number, milliseconds: number): void {
    'cold';
    const late = distance(this.stack.alarm.now, now());
    setClock(SINCE_1970 + seconds + (milliseconds + late) / 1000);
    this.tellClock(null);
  }

  timeRefused(): void {
    'cold';
    this.tellClock('setSNTP: the server refuses to tell the time');
  }

  private tellClock(error: string | null): void {
    'cold';
    const callback = this.callback;
    this.callback = undefined;
    if (callback) setTimeout(() => callback(error), 0);
  }
}
