import type { Stack } from '../../src/stack';
import type { AddressClaim } from '../../src/link/conflict';
import { LinkLocal } from '../../src/link/link-local';
import { DhcpClient } from '../../src/udp/dhcp';
import type { LeaseHandler } from '../../src/udp/dhcp-message';
import { udpOf } from './other-sockets';

/** An address from a DHCP server, or from ourselves while there is none, for as long as it is wanted. */
export class Lease implements LeaseHandler {
  readonly client: DhcpClient;
  private callback: ((error: null) => void) | undefined;

  /** @param servers gets the name servers that come with an address, if any do */
  constructor(
    stack: Stack,
    claim: AddressClaim,
    hostName: string,
    private readonly servers: Int32Array,
  ) {
    'cold';
    this.client = new DhcpClient(udpOf(stack), claim, hostName, this);
    this.client.fallback = new LinkLocal(stack, claim);
  }

  /** `callback(null)` follows when the first address has come. */
  startLease(callback: ((error: null) => void) | undefined): void {
    'cold';
    this.callback = callback;
    this.client.startDhcp();
  }

  stopLease(): void {
    'cold';
    this.client.stopDhcp();
  }

  leaseChanged(hasAddress: boolean): void {
    const callback = this.callback;
    if (!hasAddress) return;
    // Without any in the lease, those that the application has named stay.
    if (this.client.nameServers[0] !== 0) this.servers.set(this.client.nameServers);
    this.callback = undefined;
    if (callback) setTimeout(() => callback(null), 0);
  }
}
