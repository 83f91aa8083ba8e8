import { execFile } from 'node:child_process';
import { constants, createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect } from 'node:net';

/** A board's console: what it says, and a way to say something. */
export interface Transport {
  /** Called with whatever comes, one octet a character. */
  onText: (text: string) => void;
  /** Called when the other end is gone. */
  onGone: () => void;
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds that a network connection may take. */
const PATIENCE = 5000;
/** Bits per second of Espruino's USB and serial consoles. */
const BAUD = '115200';

/** What people can do about an error of the port. */
function explained(port: string, error: NodeJS.ErrnoException): Error {
  const advice: Record<string, string> = {
    ENOENT: 'there is no such port. Is the board plugged in? Its port is listed by "ls /dev/tty*".',
    EACCES: 'this user may not open it. On Linux the group "dialout" may: "sudo usermod -aG dialout $USER", and log in again.',
    ENOTTY: 'this is no serial port. Those that there are are listed by "ls /dev/tty*".',
    EBUSY: 'another program has it open: close the Web IDE or the terminal that holds it.',
    ECONNREFUSED: 'nobody listens there.',
    EHOSTUNREACH: 'there is no way to that host.',
    ETIMEDOUT: 'that host does not answer.',
    ENOTFOUND: 'there is no host of that name.',
    EAI_AGAIN: 'there is no host of that name.',
  };
  return new Error(`${port}: ${advice[error.code ?? ''] ?? error.message}`);
}

/** @throws Error that says what to do */
export async function openTransport(port: string): Promise<Transport> {
  const network = /^tcp:\/\/([^:/]+|\[[^\]]+\]):(\d+)\/?$/.exec(port);
  if (network) return openSocket(port, network[1]!.replace(/^\[|\]$/g, ''), Number(network[2]));
  if (port.includes('://')) throw new Error(`--port ${port}: give a serial port such as /dev/ttyACM0, or tcp://host:port.`);
  return openSerial(port);
}

function openSocket(port: string, host: string, number: number): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const socket = connect(number, host);
    const limit = setTimeout(() => socket.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })), PATIENCE);
    const transport: Transport = {
      onText: () => undefined,
      onGone: () => undefined,
      write: (text) => new Promise((done) => socket.write(text, 'latin1', () => done())),
      close: async () => void socket.destroy(),
    };
    socket.setNoDelay(true);
    socket.on('data', (data) => transport.onText(data.toString('latin1')));
    socket.once('connect', () => {
      clearTimeout(limit);
      resolve(transport);
    });
    socket.once('error', (error) => {
      clearTimeout(limit);
      reject(explained(port, error));
    });
    socket.once('close', () => transport.onGone());
  });
}

/** Sets a terminal line to raw octets at the console's speed. */
function configure(port: string): Promise<void> {
  const device = process.platform === 'darwin' ? '-f' : '-F';
  const words = [device, port, BAUD, 'raw', '-echo', '-ixon', 'cs8', '-cstopb', '-parenb', 'clocal', '-hupcl'];
  return new Promise((resolve, reject) => {
    execFile('stty', words, (error, _, said) => {
      if (error === null) return resolve();
      const busy = /busy/i.test(said) ? 'EBUSY' : /denied/i.test(said) ? 'EACCES' : /No such/i.test(said) ? 'ENOENT' : /ioctl|not a t/i.test(said) ? 'ENOTTY' : '';
      reject(explained(port, Object.assign(new Error(said.trim()), { code: busy })));
    });
  });
}

async function openSerial(port: string): Promise<Transport> {
  if (process.platform === 'win32') {
    throw new Error(`--port ${port}: serial ports need stty, which Windows has not. Use the Web IDE, or tcp://host:port.`);
  }
  await configure(port);
  try {
    const line = await open(port, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    const input = createReadStream('', { fd: line.fd, autoClose: false });
    const transport: Transport = {
      onText: () => undefined,
      onGone: () => undefined,
      write: async (text) => void (await line.write(Buffer.from(text, 'latin1'))),
      close: async () => {
        input.destroy();
        await line.close();
      },
    };
    input.on('data', (data) => transport.onText(data.toString('latin1')));
    input.on('error', () => transport.onGone());
    input.on('end', () => transport.onGone());
    return transport;
  } catch (error) {
    throw explained(port, error as NodeJS.ErrnoException);
  }
}
