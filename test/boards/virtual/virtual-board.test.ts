import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { LocalhostLan } from '../../../boards/virtual/lan-localhost';
import { type Product, build } from '../../../boards/virtual/product';
import { type VirtualBoard, bootVirtualBoard } from '../../../boards/virtual/virtual-board';
import { parseAddress } from '../../../src/index';

const engines = process.env['ESPRUINO'] ? ['node', 'espruino'] as const : ['node'] as const;

describe.each(engines)('the built script in %s', (engine) => {
  let product: Product;
  let board: VirtualBoard | undefined;
  beforeAll(() => { product = build('pico', 'hello'); });
  afterEach(() => board?.stop());

  /** Boots with the forwards that the LAN is to have. */
  async function boot(more: Partial<Parameters<typeof bootVirtualBoard>[0]> = {}): Promise<LocalhostLan> {
    board = await bootVirtualBoard({
      script: product.script, filename: product.filename, board: product.board, engine,
      storage: { 'ENC28J60.json': '{"ip":"10.77.0.2","subnet":"255.255.255.0","gateway":"10.77.0.1"}' },
      lan: (wire, realTime) => new LocalhostLan({
        wire, realTime, address: parseAddress('10.77.0.1'), boardAddress: parseAddress('10.77.0.2'), netmask: parseAddress('255.255.255.0'),
        forwards: [{ host: 0, board: 80 }],
      }),
      ...more,
    });
    return board.lan as LocalhostLan;
  }

  function page(lan: LocalhostLan, path = '/'): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port: lan.forwards[0]!.host, path }, (response) => {
        let text = '';
        response.on('data', (piece) => { text += String(piece); });
        response.on('end', () => resolve({ status: response.statusCode!, text }));
      }).on('error', reject);
    });
  }

  test('shows its page through a port of this machine, and breaks no rule of the chip', async () => {
    const lan = await boot();
    const { status, text } = await page(lan);
    expect(status).toBe(200);
    expect(text).toContain('10.77.0.2');
    expect((await page(lan, '/none')).status).toBe(404);
    expect(board!.errors).toEqual([]);
    expect(board!.violations).toEqual([]);
  }, 30000);

  test('shows it although every tenth frame is lost, and captures that', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'pcap-'));
    const pcap = join(directory, 'f.pcapng');
    try {
      const lan = await boot({ wire: { loss: 0.1, seed: 3 }, pcap });
      expect((await page(lan)).status).toBe(200);
      await board!.stop();
      expect(readFileSync(pcap).readUInt32BE()).toBe(0x0a0d0d0a);
      expect(readFileSync(pcap).includes('HTTP/1.1 200 OK')).toBe(true);
      expect(board!.violations).toEqual([]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  }, 30000);

  test('reports what its script throws while it is loaded', async () => {
    await boot({ script: 'missing();' });
    for (let left = 100; left > 0 && board!.errors.length === 0; left--) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(board!.errors[0]).toMatch(/^Uncaught ReferenceError: "?missing"? is not defined/);
  }, 30000);
});
