import { Enc28j60 } from '../../hal/enc28j60/driver';
import { VirtualClock } from '../../hal/mock/clock';
import { Enc28j60Chip } from '../../hal/mock/enc28j60/chip';
import { ChipSpi } from '../../hal/mock/enc28j60/spi-device';
import { frameCheckSequenceGood, withFrameCheckSequence } from '../../hal/mock/fcs';
import { SeededRandom } from '../../hal/mock/random';
import { Wire } from '../../hal/mock/wire';
import { WirePort } from '../../hal/mock/wire-port';
import { parseAddress } from '../../src/ip/address';
import { Stack } from '../../src/stack';
import { ILLNESSES } from '../hal/enc28j60/illnesses';
import type { Patient } from '../hal/enc28j60/illnesses';
import { SIZES, seededPlatform } from '../src/lan';
import { EchoClient, EchoService } from './echo';

const SECOND = 1_000_000;
const HOUR = 3600;
/** Seconds between two faults. */
const SHORTEST_PEACE = 10;
const LONGEST_PEACE = 60;
/** Milliseconds without a movement, while the link is up and a message is out. */
const LONGEST_STALL = 10_000;
/** Milliseconds. The board hears of INT through its pin; so often it looks for itself, in case an edge got lost. */
const SAFETY_INTERVAL = 250;
const REVISIONS = ['B1', 'B4', 'B5', 'B7'] as const;

function addressed(number: number): { address: number; netmask: number; gateway: number } {
  return { address: parseAddress('10.0.0.' + number), netmask: parseAddress('255.255.255.0'), gateway: 0 };
}

/** A board with an echo service, and a client on the same wire that never stops to ask it. */
class Soak implements Patient {
  readonly clock = new VirtualClock();
  readonly random: SeededRandom;
  readonly chip: Enc28j60Chip;
  readonly driver: Enc28j60;
  readonly client: EchoClient;
  readonly struck = new Map<string, number>();
  asleep = false;
  longestStall = 0;
  private readonly wire: Wire;
  private readonly board: Stack;
  private readonly peer: Stack;
  private edge = true;
  private peerEdge = true;
  private boardDue = 0;
  private peerDue = 0;
  private linkUpSince = 0;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    this.wire = new Wire(this.clock, { seed });
    this.chip = new Enc28j60Chip(this.clock, { revision: REVISIONS[seed % 4]!, strict: false, seed, spiHz: 10e6 });
    const address = new Uint8Array([2, 0, 0, 0, 0, 2]);
    this.driver = new Enc28j60(new ChipSpi(this.chip), { address, careful: true, intact: frameCheckSequenceGood });
    this.board = new Stack(this.driver, seededPlatform(seed), { ...SIZES, ...addressed(2) });
    const port = new WirePort(this.wire, { address: new Uint8Array([2, 0, 0, 0, 0, 1]) });
    this.peer = new Stack(port, seededPlatform(~seed), { ...SIZES, ...addressed(1) });
    this.chip.onInterrupt = (low) => {
      if (low) this.edge = true;
    };
    port.onReadable = () => {
      this.peerEdge = true;
    };
    this.chip.plug(this.wire.attach(this.chip, 'board'));
    port.open();
    this.clock.advance(1000);
    this.driver.open();
    this.board.listen(7, new EchoService());
    this.client = new EchoClient(this.peer, addressed(2).address, this.random, () => this.milliseconds);
  }

  get seconds(): number {
    return this.clock.now / SECOND;
  }

  run(milliseconds: number): void {
    const { clock } = this;
    const end = clock.now + milliseconds * 1000;
    while (clock.now < end) {
      if (!this.asleep && (this.edge || clock.now >= this.boardDue)) this.pollBoard();
      if (this.peerEdge || clock.now >= this.peerDue) this.pollPeer();
      this.watch();
      const soon = (this.edge && !this.asleep) || this.peerEdge;
      const due = Math.min(this.asleep ? Infinity : this.boardDue, this.peerDue, clock.nextDue ?? Infinity, end);
      clock.advanceTo(soon ? clock.now + 20 : Math.max(clock.now + 1, due));
    }
  }

  flood(count: number, length: number): void {
    for (let frame = 0; frame < count; frame++) {
      const bytes = new Uint8Array(length).fill(0xff, 0, 6);
      this.chip.frameArrived(withFrameCheckSequence(bytes));
      this.clock.advance((length + 12) * 0.8 + 9.6);
    }
  }

  /** Peace for a while, then one of all that can go wrong. */
  strike(): void {
    this.run(1000 * (SHORTEST_PEACE + this.random.below(LONGEST_PEACE - SHORTEST_PEACE)));
    const illness = ILLNESSES[this.random.below(ILLNESSES.length)]!;
    this.struck.set(illness.name, (this.struck.get(illness.name) ?? 0) + 1);
    illness.strike(this);
    this.asleep = false;
  }

  private get milliseconds(): number {
    return this.clock.milliseconds;
  }

  private pollBoard(): void {
    this.edge = false;
    const wait = this.board.poll(this.milliseconds);
    this.boardDue = this.clock.now + 1000 * Math.min(wait, SAFETY_INTERVAL);
  }

  private pollPeer(): void {
    this.peerEdge = false;
    this.client.tick();
    let wait = this.peer.poll(this.milliseconds);
    if (!this.client.waiting) wait = Math.min(wait, Math.max(1, this.client.due - this.milliseconds));
    this.peerDue = this.clock.now + 1000 * wait;
  }

  private watch(): void {
    const linked = (this.chip.phy(0x11) & 0x0400) !== 0;
    if (!linked || !this.client.waiting) this.linkUpSince = this.milliseconds;
    const stall = this.milliseconds - Math.max(this.client.movedAt, this.linkUpSince);
    if (stall > this.longestStall) this.longestStall = stall;
  }
}

/** Runs for `hours` of virtual time and prints what happened. @returns true when nothing went wrong */
export function chipSoak(hours: number, seed: number, json: boolean): boolean {
  const soak = new Soak(seed);
  const end = hours * HOUR;
  let reported = 0;
  while (soak.seconds < end) {
    soak.strike();
    if (!json && soak.seconds - reported >= HOUR) {
      reported = soak.seconds;
      console.log(`${(soak.seconds / HOUR).toFixed(1)} h: ${soak.client.messages} messages, longest stall ${soak.longestStall} ms`);
    }
  }
  soak.run(20_000);
  const { messages, octets, failures } = soak.client;
  if (soak.longestStall > LONGEST_STALL) failures.push(`it stalled for ${soak.longestStall} ms with the link up`);
  const result = {
    hours, seed, messages, octets, longestStall: soak.longestStall, faults: Object.fromEntries(soak.struck),
    counters: soak.driver.counters, repairs: [...soak.driver.repairs], failures,
  };
  if (json) {
    console.log(JSON.stringify(result));
  } else {
    for (const [name, count] of soak.struck) console.log(`  ${count} x ${name}`);
    console.log(`${messages} messages, ${octets} octets echoed right, longest stall ${soak.longestStall} ms with the link up`);
    console.log(`${JSON.stringify(soak.driver.counters)}, repairs by cause ${[...soak.driver.repairs].join(' ')}`);
    for (const failure of failures) console.log(`FAILED: ${failure}`);
  }
  return failures.length === 0;
}
