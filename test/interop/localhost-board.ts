import { type Socket, connect } from 'node:net';
import { LocalhostLan } from '../../boards/virtual/lan-localhost';
import type { Product } from '../../boards/virtual/product';
import { VirtualBoard, type VirtualBoardOptions } from '../../boards/virtual/virtual-board';
import { parseAddress } from '../../src/index';
import { helloFor } from './products';

/** What the module's users, or the flashed script, find on a board that has just been switched on. */
export interface LocalhostBoard {
  board: VirtualBoard;
  product: Product;
  lan: LocalhostLan;
  /** What the script has printed. */
  lines: string[];
  /** The port of this machine that leads to a port of the board. */
  portOf(boardPort: number): number;
}

/** Boots a board whose ports 80 and 7 lead to free ports of this machine: it needs no rights. `board.stop()` ends it. */
export async function bootOnLocalhost(
  name: string, options: Partial<VirtualBoardOptions> = {}, start = true,
): Promise<LocalhostBoard> {
  const product = helloFor(name);
  const lines: string[] = [];
  const board = new VirtualBoard({
    script: product.script,
    filename: product.filename,
    board: product.board,
    storage: {
      ENC28J60: product.module,
      'ENC28J60.json': JSON.stringify({ ip: '10.77.0.2', subnet: '255.255.255.0', gateway: '10.77.0.1' }),
    },
    lan: (wire, realTime) => new LocalhostLan({
      wire, realTime, address: parseAddress('10.77.0.1'), boardAddress: parseAddress('10.77.0.2'), netmask: -256,
      forwards: [{ host: 0, board: 80 }, { host: 0, board: 7 }],
    }),
    print: (line) => lines.push(line),
    ...options,
  });
  if (start) await board.start();
  const lan = board.lan as LocalhostLan;
  return {
    board, product, lan, lines,
    portOf: (boardPort) => lan.forwards.find((forward) => forward.board === boardPort)!.host,
  };
}

/** Sends octets to a port of this machine and ends when as many have come back. @returns what came */
export function echoThrough(port: number, octets: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let count = 0;
    const socket: Socket = connect({ port, host: '127.0.0.1' });
    socket.on('connect', () => socket.write(octets));
    socket.on('data', (piece) => {
      pieces.push(piece);
      count += piece.length;
      if (count >= octets.length) socket.end();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(pieces)));
  });
}
