import type { VirtualClock } from '../../hal/mock/clock';
import type { Wire } from '../../hal/mock/wire';
import { WirePort } from '../../hal/mock/wire-port';
import { arpBody, ethernet, get16, ipPacket, readPacket, readSegment, tcpSegment } from '../src/frames';
import { into } from '../hal/into';

const BOARD = 0x0a000001;
const PEER = 0x0a000009;
const BOARD_HARDWARE = [2, 0, 0, 0, 0, 1];
const PEER_HARDWARE = Uint8Array.of(2, 0, 0, 0, 0, 9);

/** Microseconds that are more than enough for a frame to cross the wire. */
const CROSSING = 3000;

/** The peer's end of a connection. */
export class PeerConnection {
  seq = 77000;
  ack = 0;

  constructor(private readonly peer: BenchPeer, readonly port: number, readonly boardPort: number) {}

  sends(flags: string, data: string | Uint8Array = ''): void {
    const octets = typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
    this.peer.sendsPacket(6, tcpSegment(PEER, BOARD, {
      sourcePort: this.port, destinationPort: this.boardPort, seq: this.seq, ack: flags.includes('ACK') ? this.ack : 0,
      flags, wnd: 8192, options: flags.includes('SYN') ? [2, 4, 5, 180] : [], data: octets,
    }));
    this.seq = (this.seq + octets.length + (/SYN|FIN/.test(flags) ? 1 : 0)) | 0;
  }
}

/** The host that the board talks to in the bench: does what a scenario says, step by step. */
export class BenchPeer {
  private readonly mac: WirePort;
  private readonly connections: PeerConnection[] = [];
  private readonly frame = new Uint8Array(1514);

  constructor(wire: Wire, private readonly clock: VirtualClock) {
    this.mac = new WirePort(wire, { address: PEER_HARDWARE });
    this.mac.open();
  }

  connection(port: number, boardPort: number): PeerConnection {
    const connection = new PeerConnection(this, port, boardPort);
    this.connections.push(connection);
    return connection;
  }

  asksForBoard(): void {
    const nobody = [0, 0, 0, 0, 0, 0];
    const request = arpBody({ operation: 'request', senderHardware: PEER_HARDWARE, sender: PEER, targetHardware: nobody, target: BOARD });
    this.sends(ethernet([255, 255, 255, 255, 255, 255], PEER_HARDWARE, 0x0806, request));
  }

  sendsPacket(protocol: number, payload: ArrayLike<number>): void {
    this.sends(ethernet(BOARD_HARDWARE, PEER_HARDWARE, 0x0800, ipPacket({ source: PEER, destination: BOARD, protocol, payload })));
  }

  /** Takes in what the board has sent. */
  listens(): void {
    this.clock.advance(CROSSING);
    for (let length = this.mac.receive(into(this.frame)); length > 0; length = this.mac.receive(into(this.frame))) {
      if (get16(this.frame, 12) !== 0x0800) continue;
      const packet = readPacket(this.frame.slice(0, length));
      if (packet.protocol !== 6) continue;
      const segment = readSegment(packet);
      if (segment.flags.includes('RST')) throw new Error(`The board has reset a connection to its port ${segment.sourcePort}.`);
      const connection = this.connections.find(({ port }) => port === segment.destinationPort);
      const extent = segment.data.length + (/SYN|FIN/.test(segment.flags) ? 1 : 0);
      if (connection && extent > 0) connection.ack = (segment.seq + extent) | 0;
    }
  }

  private sends(frame: Uint8Array): void {
    if (!this.mac.send(frame, frame.length)) throw new Error('The peer sends faster than its wire.');
    this.clock.advance(CROSSING);
  }
}
