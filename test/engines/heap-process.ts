// A process of its own that says what Node's heap does while the virtual board works: started with --expose-gc, it
// prints the octets in use after each round of 10,000 frames, as JSON, until one has left nothing behind: it takes V8 some
// thirty of them to have compiled all. The clock stands still but for the loop below.
import type { Lan } from '../../boards/virtual/lan';
import { nodePlatform } from '../../boards/virtual/node-platform';
import { build } from '../../boards/virtual/product';
import { VirtualBoard } from '../../boards/virtual/virtual-board';
import type { Wire } from '../../hal/mock/wire';
import { WirePort } from '../../hal/mock/wire-port';
import { type Connection, type ConnectionHandler, Stack, parseAddress } from '../../src/index';
import { SIZES } from '../src/lan';

const most = 64;
const framesInRound = 10_000;
/** Octets that a round may leave behind, as `node.test.ts` has them. */
const tolerance = 16_384;
const boardAddress = parseAddress('10.77.0.2');
const octetsInConnection = 50_000;

/** A neighbour that asks for the page and sends octets through the echo service in turn, over and over. */
class Neighbour implements Lan, ConnectionHandler {
  readonly name = 'neighbour';
  private readonly stack: Stack;
  private readonly request = Buffer.from('GET / HTTP/1.0\r\n\r\n');
  private readonly octets = Buffer.alloc(400, 'x');
  private readonly heard = new Uint8Array(2000);
  private left = 0;
  private port = 7;
  private busy = false;

  constructor(wire: Wire) {
    const mac = new WirePort(wire);
    mac.open();
    this.stack = new Stack(mac, nodePlatform, {
      ...SIZES, address: parseAddress('10.77.0.1'), netmask: -256, gateway: 0, receiveBuffer: 4000, sendBuffer: 4000, msl: 10,
    });
  }

  /** Lets a millisecond pass for it. */
  poll(milliseconds: number): void {
    this.stack.poll(milliseconds);
    if (this.busy) return;
    this.port = this.port === 7 ? 80 : 7;
    this.busy = this.stack.connect(boardAddress, this.port, this) !== null;
  }

  opened(connection: Connection): void {
    this.left = this.port === 7 ? octetsInConnection : 0;
    if (this.port === 80) connection.write(this.request, 0, this.request.length);
    else this.say(connection);
  }

  readable(connection: Connection): void {
    const count = connection.read(this.heard, 0, this.heard.length);
    this.left -= count;
    if (this.port === 7) this.say(connection);
  }

  writable(): void {}

  ended(connection: Connection): void {
    connection.end();
  }

  closed(): void {
    this.busy = false;
  }

  async open(): Promise<void> {}
  async close(): Promise<void> {}
  lines(): string[] { return []; }

  private say(connection: Connection): void {
    if (this.left > 0) connection.write(this.octets, 0, this.octets.length);
    else connection.end();
  }
}

async function main(): Promise<void> {
  const product = build('pico', 'hello');
  let neighbour: Neighbour | undefined;
  const board = new VirtualBoard({
    script: product.script, filename: product.filename, board: product.board,
    storage: { 'ENC28J60.json': JSON.stringify({ ip: '10.77.0.2', subnet: '255.255.255.0', gateway: '10.77.0.1' }) },
    lan: (wire) => neighbour = new Neighbour(wire),
  });
  await board.start();
  board.realTime.stop();
  const heap: number[] = [];
  for (let round = 0; round < most && !(heap[round - 1]! - heap[round - 2]! < tolerance); round++) {
    const end = board.wire.counts.sent + framesInRound;
    while (board.wire.counts.sent < end) {
      board.clock.advance(1000);
      neighbour!.poll(board.clock.milliseconds);
    }
    global.gc!();
    heap.push(process.memoryUsage().heapUsed);
  }
  await board.stop();
  console.log(JSON.stringify({ heap, errors: board.errors, violations: board.violations }));
}

void main();
