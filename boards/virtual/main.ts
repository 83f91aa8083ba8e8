import { formatAddress, parseAddress } from '../../src/ip/address';
import { runCommand } from '../command-line.mjs';
import { LocalhostLan } from './lan-localhost';
import { TapLan } from './lan-tap';
import { type Options, maskOf, names, parseOptions, usage } from './options';
import { type Product, build } from './product';
import { commandFor, servedBy } from './served';
import { VirtualBoard, type VirtualBoardOptions } from './virtual-board';
import { watchAddress } from './whereabouts';

/** Makes a board from the command line's wishes. `fail` is told what ends it from outside. */
function virtualBoard(options: Options, product: Product, fail: (why: string) => void): VirtualBoard {
  const { ip, hostIp, prefix, forwards } = options;
  const netmask = maskOf(prefix);
  const lan: VirtualBoardOptions['lan'] = (wire, realTime) => options.lan === 'localhost'
    ? new LocalhostLan({ wire, realTime, address: parseAddress(hostIp), boardAddress: parseAddress(ip), netmask, forwards })
    : new TapLan({
      wire, realTime, interfaceName: options.lan.tap, boardIp: options.dhcp ? undefined : ip, hostIp: `${hostIp}/${prefix}`,
      ports: servedBy(options.app).map(({ board }) => board),
      lost: (error) => fail(error.message),
    });
  return new VirtualBoard({
    script: product.script, filename: product.filename, board: product.board, engine: options.engine, lan,
    storage: {
      ENC28J60: product.module,
      'ENC28J60.json': JSON.stringify({
        ...(options.dhcp ? { ip: 'dhcp' } : { ip, subnet: formatAddress(netmask), gateway: hostIp }), hostname: options.hostname, password: options.password,
      }),
    },
    wire: { loss: options.loss, delay: options.delay, seed: options.seed },
    pcap: options.pcap,
    print: (line) => console.log(`board| ${line}`),
    uncaught: (description) => console.error(description.replace(/^/gm, 'board| ')),
    ended: fail,
  });
}

/** What a person sees when the board runs. */
function greeting(options: Options, product: Product, board: VirtualBoard): string {
  const { loss, delay, seed } = options;
  const lines = [
    `${product.board.name} on ${board.engine.name}`,
    `  ${product.filename}, ${product.script.length} bytes`,
    `  address ${options.dhcp ? 'by DHCP' : `${options.ip}/${options.prefix}`}, LAN ${board.lan!.name}`,
  ];
  if (loss > 0 || delay > 0) lines.push(`  ${loss * 100} % of the frames are lost (seed ${seed}), each takes ${delay / 1000} ms`);
  if (options.pcap !== undefined) lines.push(`  what crosses the wire goes to ${options.pcap}`);
  const toTry = board.lan!.lines().map((line) => `  ${line}`);
  return [...lines, ...(toTry.length > 0 ? ['Try:'] : []), ...toTry, 'Ctrl-C stops it.'].join('\n');
}

/** Runs the virtual board until it is told to stop. @returns whether neither script nor driver was at fault */
async function main(options: Options): Promise<boolean> {
  let stop = (): void => undefined;
  const stopped = new Promise<void>((resolve) => { stop = resolve; });
  let failed = false;
  const fail = (why: string): void => {
    console.error(why);
    failed = true;
    stop();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  if (process.stdout.isTTY) console.log(`Building the ${options.app} app for ${options.board} ...`);
  const product = build(options.board, options.app);
  const board = virtualBoard(options, product, fail);
  if (options.dhcp) watchAddress(board.wire, 'board', (address) => {
    const [first] = servedBy(options.app);
    console.log(`The board is at ${address}: ${commandFor(address, first!.board, first!.board)}`);
  });
  await board.start();
  console.log(greeting(options, product, board));
  const timer = options.duration === undefined ? undefined : setTimeout(stop, options.duration * 1000);
  await stopped;
  clearTimeout(timer);
  await board.stop();
  const { violations } = board;
  if (violations.length > 0) {
    console.error(`The driver broke the data sheet's rules ${violations.length} times:`);
    for (const violation of new Set(violations)) console.error(`  ${violation}`);
  }
  return !failed && violations.length === 0 && board.errors.length === 0;
}

void runCommand(usage, names, (values) => main(parseOptions(values))).then(() => process.exit());
