import type { EthernetMac } from '../../../hal/hal';
import { into } from '../into';

const ETHERTYPE_ARP = 0x0806;
const ETHERTYPE_IPV4 = 0x0800;

/** Answers ARP requests and pings for one address, by hand: enough for a host's kernel to find somebody there. */
export class Responder {
  answered = 0;
  private readonly frame = new Uint8Array(1514);

  constructor(private readonly mac: EthernetMac, private readonly ip: readonly number[]) {}

  /** Answers whatever has arrived. */
  readonly poll = (): void => {
    for (let length = this.mac.receive(into(this.frame)); length > 0; length = this.mac.receive(into(this.frame))) {
      const type = this.frame[12]! * 256 + this.frame[13]!;
      const mine = type === ETHERTYPE_ARP ? this.arp() : type === ETHERTYPE_IPV4 && this.echo(length);
      if (!mine) continue;
      this.frame.copyWithin(0, 6, 12);
      this.frame.set(this.mac.address, 6);
      if (this.mac.send(this.frame, length)) this.answered++;
    }
  };

  private isMine(offset: number): boolean {
    return this.ip.every((octet, index) => this.frame[offset + index] === octet);
  }

  /** Turns a request for our address into its reply (RFC 826). */
  private arp(): boolean {
    const { frame } = this;
    if (frame[21] !== 1 || !this.isMine(38)) return false;
    frame[21] = 2;
    frame.copyWithin(32, 22, 32);
    frame.set(this.mac.address, 22);
    frame.set(this.ip, 28);
    return true;
  }

  /** Turns an echo request into its reply (RFC 792): the type falls by 8, so the checksum rises by 0x0800. */
  private echo(length: number): boolean {
    const { frame } = this;
    if (length < 42 || frame[14] !== 0x45 || frame[23] !== 1 || frame[34] !== 8 || !this.isMine(30)) return false;
    frame.copyWithin(30, 26, 30);
    frame.set(this.ip, 26);
    frame[34] = 0;
    const sum = frame[36]! * 256 + frame[37]! + 0x0800;
    const folded = (sum & 0xffff) + (sum >> 16);
    frame[36] = folded >> 8;
    frame[37] = folded & 0xff;
    return true;
  }
}
