import { describe, expect, test } from 'vitest';
import { appendFrameCheckSequence, FCS_LENGTH } from '../../../hal/mock/fcs';
import type { WirePort } from '../../../hal/mock/wire-port';
import { AddressClaim, Claim } from '../../../src/link/conflict';
import { arpBody, ethernet, get16, get32 } from '../frames';
import { type Host, Lan, Recorder } from '../lan';

const ALL = [255, 255, 255, 255, 255, 255];
const OTHER = [2, 0, 0, 0, 0, 66];
const PROBE = 'probe';
const ANNOUNCEMENT = 'announcement';
const REPLY = 'reply';

/** A host with an address that it was given, which it claims, and a neighbour that serves port 7. */
function lanOf(seed = 1) {
  const lan = new Lan({ seed });
  const neighbour = lan.join(1);
  const host = lan.join(2);
  const echo = new Recorder();
  echo.echo = true;
  neighbour.stack.listen(7, echo);
  return { lan, neighbour, host, claim: new AddressClaim(host.stack), said: arpOf(lan, host) };
}

/** What a station says by ARP about its own address, with the milliseconds. */
function arpOf(lan: Lan, { mac, address }: Host) {
  const said: [string, number][] = [];
  lan.wire.tap((frame, microseconds) => {
    if (get16(frame, 12) !== 0x0806 || frame[11] !== mac.address[5]) return;
    const sender = get32(frame, 28);
    const word = get16(frame, 20) === 2 ? REPLY : get32(frame, 38) !== address ? 'question' : sender === 0 ? PROBE : ANNOUNCEMENT;
    said.push([word, microseconds / 1000]);
  });
  return { words: () => said.splice(0).map(([word]) => word), times: () => said.splice(0).map(([, time]) => time) };
}

/** A station that uses `address` too: it says so when it is told to. */
function stationWith(lan: Lan, address: number) {
  const cable = lan.wire.attach({ frameArrived: () => undefined, linkChanged: () => undefined }, 'other');
  return () => {
    const arp = arpBody({ operation: 'request', senderHardware: OTHER, sender: address, targetHardware: new Uint8Array(6), target: address });
    const frame = Uint8Array.from([...ethernet(ALL, OTHER, 0x0806, arp), ...new Uint8Array(18 + FCS_LENGTH)]);
    appendFrameCheckSequence(frame, frame.length - FCS_LENGTH);
    cable.transmit(frame);
  };
}

const aliveAt = (lan: Lan, from: Host, to: number): boolean => {
  const app = new Recorder();
  from.stack.connect(to, 7, app);
  lan.run(4000, () => app.events.length > 0);
  return app.events[0] === 'opened';
};

describe('an address that the host was given', () => {
  test.each([1, 2, 3])('is asked for three times in 220 ms and then told to all; nobody hears of it before (seed %i)', (seed) => {
    const { lan, host, claim, said, neighbour } = lanOf(seed);
    const app = new Recorder();
    host.stack.connect(neighbour.address, 7, app);
    neighbour.stack.connect(host.address, 7, new Recorder());
    lan.run(120);
    expect(new Set(said.words())).toEqual(new Set([PROBE]));
    lan.run(110, () => app.events.length > 0);
    expect(app.events).toEqual(['opened']);
    expect(claim.state).toBe(Claim.defending);
    lan.run(5000);
    const words = said.words();
    expect(words.filter((word) => word === ANNOUNCEMENT)).toHaveLength(2);
    expect(words).not.toContain(REPLY);
  });

  test('with three probes in all, 31 to 62 ms apart, and 62 ms of silence behind them', () => {
    const { lan, said } = lanOf();
    lan.run(500);
    const [first, second, third, announced] = said.times() as [number, number, number, number];
    expect(first).toBeLessThan(32.5);
    for (const gap of [second - first, third - second]) {
      expect(gap).toBeGreaterThanOrEqual(30.9);
      expect(gap).toBeLessThan(63.5);
    }
    expect(announced - third).toBeGreaterThanOrEqual(61.9);
    expect(announced).toBeLessThan(220);
  });

  test('is not used while another host has it, and asked for again until that one is gone: each 10 s at first, then each minute', () => {
    const { lan, neighbour, host, claim, said } = lanOf();
    const owner = lan.join(3, { address: host.address });
    const app = new Recorder();
    host.stack.connect(neighbour.address, 7, app);
    lan.run(1000);
    expect(app.events).toEqual(['closed: unreachable']);
    expect([host.stack.ip.address, host.stack.arp.counters.conflicts, claim.state]).toEqual([0, 1, Claim.refused]);
    lan.run(90_100);
    expect(host.stack.arp.counters.conflicts).toBe(10);
    lan.run(121_000);
    expect(host.stack.arp.counters.conflicts).toBe(12);
    expect(said.words()).not.toContain(ANNOUNCEMENT);
    (owner.mac as WirePort).cable!.pull();
    lan.run(61_000);
    expect([host.stack.ip.address, host.stack.ip.netmask, claim.state]).toEqual([host.address, -256, Claim.defending]);
    expect(aliveAt(lan, host, neighbour.address)).toBe(true);
  });

  test.each([1, 2, 3, 4, 5])('is one host\'s only when two are switched on with it at once (seed %i)', (seed) => {
    const lan = new Lan({ seed });
    const neighbour = lan.join(1);
    const hosts = [2, 3].map((number) => lan.join(number, { address: neighbour.address + 10 }));
    const claims = hosts.map(({ stack }) => new AddressClaim(stack));
    lan.run(1000);
    expect(claims.map(({ state }) => state).sort()).toEqual([Claim.refused, Claim.defending]);
    expect(hosts.filter(({ stack }) => stack.ip.address !== 0)).toHaveLength(1);
  });

  test('is defended once in ten seconds against a host that takes it, and left to it when that one goes on', () => {
    const { lan, host, claim, said } = lanOf();
    const takes = stationWith(lan, host.address);
    lan.run(10_000);
    said.words();
    for (const pause of [10_100, 10_100, 9000]) {
      takes();
      lan.run(pause);
      expect([said.words(), host.stack.ip.address]).toEqual([[ANNOUNCEMENT], host.address]);
    }
    takes();
    lan.run(1000);
    expect([said.words(), host.stack.ip.address, claim.state]).toEqual([[], 0, Claim.refused]);
    expect(host.stack.arp.counters.conflicts).toBe(4);
    lan.run(10_000);
    expect([host.stack.ip.address, claim.state]).toEqual([host.address, Claim.defending]);
  });

  test('is asked for again when it was changed, and when the cable was plugged in: connections go on', () => {
    const { lan, host, neighbour, said } = lanOf();
    const app = new Recorder();
    host.stack.connect(neighbour.address, 7, app);
    lan.run(5000);
    said.words();
    const { cable } = host.mac as WirePort;
    cable!.pull();
    lan.run(2000);
    cable!.plug();
    app.writeAll(Uint8Array.of(1, 2, 3));
    lan.run(5000, () => app.received.length === 3);
    lan.run(3000);
    expect(app.received).toEqual([1, 2, 3]);
    expect(said.words().filter((word) => word !== 'question')).toEqual([PROBE, PROBE, PROBE, ANNOUNCEMENT, ANNOUNCEMENT]);
    host.stack.setAddress(host.address + 20, -256, 0, lan.clock.milliseconds);
    lan.run(5000);
    expect(host.stack.arp.counters.conflicts).toBe(0);
    expect(aliveAt(lan, host, neighbour.address)).toBe(true);
  });

  test('is asked for at once, also when the cable has no partner yet, and again when it has', () => {
    const { lan, host, said } = lanOf();
    const { cable } = host.mac as WirePort;
    cable!.pull();
    lan.run(900);
    expect(host.stack.arp.counters.requestsOut).toBe(4);
    cable!.plug();
    said.words();
    lan.run(1400);
    expect(said.words()).toEqual([PROBE, PROBE, PROBE, ANNOUNCEMENT]);
  });

  test('that was refused is forgotten when the host is given another one', () => {
    const { lan, host, neighbour, claim } = lanOf();
    const takes = stationWith(lan, host.address);
    lan.run(1);
    takes();
    lan.run(100);
    expect(claim.state).toBe(Claim.refused);
    host.stack.setAddress(host.address + 1, -256, 0, lan.clock.milliseconds);
    lan.run(120_000);
    expect([host.stack.ip.address, claim.state]).toEqual([host.address + 1, Claim.defending]);
    expect(aliveAt(lan, host, neighbour.address)).toBe(true);
  });
});
