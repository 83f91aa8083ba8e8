import { expect, it, vi } from 'vitest';
import { bootOnLocalhost } from '../interop/localhost-board';
import { withModule } from '../interop/board-scripts';
import { noEngine, titled } from '../tools';

/** Variables that a connection may take beside its rings, and octets that a variable of the Linux build holds. */
const MOST = 90;
const RING = 88;
const OCTETS = 16;
/** A ring: its name, its view, and one block of octets with a head. */
const RINGS = 2 * (3 + Math.ceil(RING / OCTETS));

/** Variables in use with so many connections, everything of TCP switched on. */
async function taken(connections: number): Promise<number> {
  const sizes = `connections: ${connections}, receiveBuffer: ${RING}, sendBuffer: ${RING}, mss: ${RING}, windowScale: true, timestamps: true, sack: true`;
  const script = withModule('esp32', `print('taken', process.memory().usage);`, `${sizes},`);
  const { board, lines } = await bootOnLocalhost('esp32', { script, engine: 'espruino' });
  try {
    await vi.waitFor(() => expect(lines.join()).toContain('taken'), { timeout: 20_000 });
    return Number(/taken (\d+)/.exec(lines.join())![1]);
  } finally {
    await board.stop();
  }
}

it.skipIf(noEngine)(titled(`a connection takes at most ${MOST} variables of the interpreter beside its rings`, noEngine), async () => {
  const [one, five] = [await taken(1), await taken(5)];
  const each = (five - one) / 4 - RINGS;
  console.log(`a connection: ${each} variables beside ${RINGS} of its rings`);
  expect(each).toBeGreaterThan(20);
  expect(each).toBeLessThanOrEqual(MOST);
}, 120_000);
