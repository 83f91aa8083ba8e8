import { type Socket, connect } from 'node:net';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { LocalhostLan } from '../../boards/virtual/lan-localhost';
import { type Product, build } from '../../boards/virtual/product';
import { parseAddress } from '../../src/index';
import { type LocalhostBoard, bootOnLocalhost } from '../interop/localhost-board';
import { noEngine, titled } from '../tools';

const patience = { timeout: 20_000, interval: 20 };
const PASSWORD = 'correct horse';

let product: Product;
beforeAll(() => { product = build('pico', 'console'); }, 180_000);

let booted: LocalhostBoard | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await booted?.board.stop();
  booted = undefined;
});

async function boot(engine: 'node' | 'espruino', password: string | undefined, start = true): Promise<LocalhostBoard> {
  const { script, filename } = product;
  booted = await bootOnLocalhost('pico', {
    // The virtual board's interpreter has no prompt of its own unless it is told to.
    engine, script: `${script};echo(1);`, filename,
    storage: { 'ENC28J60.json': JSON.stringify({ ip: '10.77.0.2', subnet: '255.255.255.0', gateway: '10.77.0.1', password }) },
    lan: (wire, realTime) => new LocalhostLan({
      wire, realTime, address: parseAddress('10.77.0.1'), boardAddress: parseAddress('10.77.0.2'), netmask: -256,
      forwards: [{ host: 0, board: 23 }],
    }),
  }, start);
  return booted;
}

/** Somebody with a Telnet client. */
function visit({ portOf }: LocalhostBoard) {
  const socket = connect({ port: portOf(23), host: '127.0.0.1' });
  sockets.push(socket);
  let heard = '';
  let ended = false;
  socket.setEncoding('latin1');
  socket.on('data', (text) => { heard += String(text); });
  socket.on('error', () => undefined);
  socket.on('close', () => { ended = true; });
  return {
    types: (text: string) => void socket.write(text, 'latin1'),
    hangsUp: () => void socket.end(),
    /** Waits for a text, and forgets what came up to its end. */
    async hears(text: string) {
      await vi.waitFor(() => expect(heard).toContain(text), patience);
      heard = heard.slice(heard.indexOf(text) + text.length);
    },
    isShownOut: () => vi.waitFor(() => expect(ended).toBe(true), patience),
    rest: () => heard,
  };
}

describe('the app console, on the engine node', () => {
  it.each([undefined, '', 'short'])('does not start with the password %s', async (password) => {
    const { board } = await boot('node', password);
    await vi.waitFor(() => expect(board.errors).toHaveLength(1), patience);
    expect(board.errors[0]).toContain('console: it gives the board away, so it needs a password of 8 letters or more');
    const visitor = visit(booted!);
    await visitor.isShownOut();
    expect(visitor.rest()).toBe('');
  });

  it('lets nobody try more than three passwords, also over several connections', async () => {
    const board = await boot('node', PASSWORD);
    const first = visit(board);
    await first.hears('\xff\xfb\x01\xff\xfb\x03password>');
    first.types('\xff\xfd\x01\xff\xfd\x03guess\r\0');
    await first.hears('Invalid password\r\npassword>');
    first.types(`\xff\xfa\x1fab\xff\xf0${PASSWORD}!\r\n`);
    await first.hears('Invalid password\r\npassword>');
    first.hangsUp();
    await first.isShownOut();
    const second = visit(board);
    await second.hears('password>');
    second.types(`\n\r\n${PASSWORD.slice(1)}\r\n${PASSWORD}\r\n`);
    await second.hears('Invalid password');
    await second.isShownOut();
    expect(second.rest()).not.toContain('Logged in');
    const third = visit(board);
    await third.hears('Locked after wrong passwords.');
    await third.isShownOut();
    expect(board.board.errors).toEqual([]);
  });

  it('lets in one at a time', async () => {
    const board = await boot('node', PASSWORD);
    const first = visit(board);
    await first.hears('password>');
    const second = visit(board);
    await second.hears('Somebody else is here.');
    await second.isShownOut();
    first.hangsUp();
    await first.isShownOut();
    await vi.waitFor(async () => visit(board).hears('password>'), patience);
  });
});

describe.skipIf(noEngine)(titled('the app console, in real Espruino', noEngine), () => {
  it('is Espruino\'s console for who knows the password, and gives it back', async () => {
    const board = await boot('espruino', PASSWORD);
    const visitor = visit(board);
    await visitor.hears('password>');
    visitor.types('1+1\r\n');
    await visitor.hears('Invalid password');
    visitor.types(`${PASSWORD}x\x7f\r\n1+1\r\n`);
    await visitor.hears('Logged in.');
    await visitor.hears('=2');
    visitor.types('E.getConsole()\r');
    await visitor.hears('="LoopbackB"');
    visitor.types('for (var i = 0; i < 40; i++) print("line " + i);print("e"+"nd")\r');
    await visitor.hears('line 39\r\nend');
    visitor.hangsUp();
    await visitor.isShownOut();
    await vi.waitFor(() => expect(board.lines.join()).toContain('<- LoopbackB'), patience);
    const again = visit(board);
    await again.hears('password>');
    again.types('E.getConsole()\r\n');
    await again.hears('Invalid password');
    again.types(`${PASSWORD}\r\n`);
    await again.hears('Logged in.');
    await again.hears('<- USB');
    again.types('i\r');
    await again.hears('=40');
    expect(board.board.errors).toEqual([]);
    expect(board.board.violations).toEqual([]);
  });
});
