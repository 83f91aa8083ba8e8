import { describe, expect, it } from 'vitest';
import { BROADCAST, Bench, Econ1, Econ2, Macon3, RING_END, Register, STATION, frameOf } from './bench';

const RXERIF = 0x01;
const BUFER = 0x40;

describe('packets in the ring (1.5)', () => {
  it('stands with its next pointer, its status vector and its check sequence', () => {
    const bench = Bench.receiving();
    const sent = frameOf(64);
    bench.chip.frameArrived(sent);
    expect(bench.get(Register.EPKTCNT)).toBe(1);
    const { next, status, frame } = bench.takes();
    expect(next).toBe(70);
    expect(status).toEqual([64, 0, 0xc0, 0x00]);
    expect([...frame]).toEqual([...sent]);
    expect(bench.get(Register.EPKTCNT)).toBe(0);
    expect(bench.violations()).toEqual([]);
  });

  it('starts each packet at an even address, and counts the octets as they were', () => {
    const bench = Bench.receiving();
    bench.chip.frameArrived(frameOf(65));
    bench.chip.frameArrived(frameOf(64, STATION, 0x0800, 3));
    const first = bench.takes();
    expect(first.status[0]).toBe(65);
    expect(first.next).toBe(72);
    expect([...bench.takes(first.next).frame]).toEqual([...frameOf(64, STATION, 0x0800, 3)]);
  });

  it('marks broadcast, multicast, VLAN and a plain length', () => {
    const bench = Bench.receiving();
    bench.set(Register.ERXFCON, 0);
    bench.chip.frameArrived(frameOf(64, BROADCAST));
    bench.chip.frameArrived(frameOf(64, [0x01, 0x00, 0x5e, 0, 0, 1]));
    bench.chip.frameArrived(frameOf(68, STATION, 0x8100));
    bench.chip.frameArrived(frameOf(64, STATION, 46));
    bench.chip.frameArrived(frameOf(64, STATION, 47));
    let at = 0;
    const statuses = Array.from({ length: 5 }, () => {
      const packet = bench.takes(at);
      at = packet.next;
      return packet.status.slice(2);
    });
    expect(statuses).toEqual([[0xc0, 0x02], [0xc0, 0x01], [0xc0, 0x40], [0x80, 0x00], [0xa0, 0x00]]);
  });

  it('wraps from ERXND to ERXST in the middle of a frame', () => {
    const bench = Bench.receiving();
    let at = 0;
    for (let turn = 0; turn < 40; turn++) {
      const sent = frameOf(1000 + turn, STATION, 0x0800, turn);
      bench.chip.frameArrived(sent);
      const packet = bench.takes(at);
      expect([...packet.frame]).toEqual([...sent]);
      expect(packet.next % 2).toBe(0);
      expect(packet.next).toBeLessThanOrEqual(RING_END);
      at = packet.next;
    }
    expect(bench.violations()).toEqual([]);
  });

  it('ERXWRPT moves only when a packet is complete', () => {
    const bench = Bench.receiving();
    expect(bench.word(Register.ERXWRPTL)).toBe(0);
    bench.chip.frameArrived(frameOf(100));
    expect(bench.word(Register.ERXWRPTL)).toBe(106);
    bench.clearBits(Register.ECON1, Econ1.RXEN);
    bench.setWord(Register.ERXSTL, 0);
    expect(bench.word(Register.ERXWRPTL)).toBe(106);
  });

  it('a write to ERXST or ERXND sends the next packet to ERXST', () => {
    const bench = Bench.receiving();
    bench.chip.frameArrived(frameOf(100));
    bench.clearBits(Register.ECON1, Econ1.RXEN);
    bench.setWord(Register.ERXNDL, RING_END);
    bench.setBits(Register.ECON1, Econ1.RXEN);
    bench.chip.frameArrived(frameOf(64, STATION, 0x0800, 9));
    expect([...bench.takes(0).frame]).toEqual([...frameOf(64, STATION, 0x0800, 9)]);
  });

  it('ERXRDPT changes when its high half is written, not before', () => {
    const bench = Bench.configured();
    bench.set(Register.ERXRDPTL, 0x35);
    expect(bench.word(Register.ERXRDPTL)).toBe(RING_END);
    bench.set(Register.ERXRDPTH, 0x02);
    expect(bench.word(Register.ERXRDPTL)).toBe(0x0235);
  });

  it('never writes into ERXRDPT: a packet that would is dropped whole and the pointer rolled back', () => {
    const bench = Bench.receiving();
    bench.setWord(Register.ERXRDPTL, 0x0085);
    bench.chip.frameArrived(frameOf(64));
    const before = bench.chip.memory.slice(70);
    bench.chip.frameArrived(frameOf(64));
    expect(bench.get(Register.EPKTCNT)).toBe(1);
    expect(bench.get(Register.EIR) & RXERIF).toBe(RXERIF);
    expect(bench.get(Register.ESTAT) & BUFER).toBe(BUFER);
    expect(bench.word(Register.ERXWRPTL)).toBe(70);
    expect(bench.chip.memory.slice(70)).toEqual(before);
    expect(bench.chip.counts.framesOverflowed).toBe(1);
  });

  it('takes a packet that fits to the octet and refuses one that is longer by two', () => {
    for (const [length, accepted] of [[64, 1], [66, 0]] as const) {
      const bench = Bench.receiving();
      bench.setWord(Register.ERXRDPTL, 71);
      bench.chip.frameArrived(frameOf(length));
      expect(bench.get(Register.EPKTCNT)).toBe(accepted);
    }
  });

  it('fills the ring under a flood, then goes on as soon as space is freed', () => {
    const bench = Bench.receiving();
    for (let turn = 0; turn < 10; turn++) bench.chip.frameArrived(frameOf(1518));
    expect(bench.get(Register.EPKTCNT)).toBe(4);
    expect(bench.chip.counts.framesOverflowed).toBe(6);
    bench.clearBits(Register.EIR, RXERIF);
    bench.clearBits(Register.ESTAT, BUFER);
    expect(bench.get(Register.EIR) & RXERIF).toBe(0);
    bench.takes(0);
    bench.chip.frameArrived(frameOf(1518));
    expect(bench.get(Register.EPKTCNT)).toBe(4);
    expect(bench.chip.counts.framesOverflowed).toBe(6);
  });

  it('stops at 255 packets with RXERIF', () => {
    const bench = Bench.receiving();
    bench.set(Register.ERXFCON, 0);
    for (let turn = 0; turn < 255; turn++) bench.chip.frameArrived(frameOf(18));
    expect(bench.get(Register.EPKTCNT)).toBe(255);
    expect(bench.get(Register.EIR) & RXERIF).toBe(0);
    bench.chip.frameArrived(frameOf(18));
    expect(bench.get(Register.EPKTCNT)).toBe(255);
    expect(bench.get(Register.EIR) & RXERIF).toBe(RXERIF);
    expect(bench.get(Register.ESTAT) & BUFER).toBe(0);
  });

  it('PKTDEC clears itself and does nothing at zero', () => {
    const bench = Bench.receiving();
    bench.setBits(Register.ECON2, Econ2.PKTDEC);
    expect(bench.get(Register.EPKTCNT)).toBe(0);
    expect(bench.get(Register.ECON2)).toBe(0x80);
    expect(bench.violations()).toEqual(['ECON2.PKTDEC was set while EPKTCNT is 0: there is no packet to take off the count.']);
  });
});

describe('what the MAC lets in (1.5)', () => {
  it('nothing below 18 octets, and everything from there', () => {
    const bench = Bench.receiving();
    bench.chip.frameArrived(frameOf(17));
    expect(bench.get(Register.EPKTCNT)).toBe(0);
    bench.chip.frameArrived(frameOf(18));
    expect(bench.get(Register.EPKTCNT)).toBe(1);
    expect(bench.chip.counts.framesBadLength).toBe(1);
  });

  it('nothing above MAMXFL unless HFRMEN is set', () => {
    const bench = Bench.configured();
    bench.setBits(Register.ECON1, Econ1.RXEN);
    bench.chip.frameArrived(frameOf(1519));
    expect(bench.get(Register.EPKTCNT)).toBe(0);
    bench.set(Register.MACON3, 0x33 | Macon3.HFRMEN);
    bench.chip.frameArrived(frameOf(1519));
    expect(bench.get(Register.EPKTCNT)).toBe(1);
  });

  it('nothing while RXEN or MARXEN is clear', () => {
    const bench = Bench.configured();
    bench.chip.frameArrived(frameOf(64));
    bench.setBits(Register.ECON1, Econ1.RXEN);
    bench.set(Register.MACON1, 0x0c);
    bench.chip.frameArrived(frameOf(64));
    expect(bench.get(Register.EPKTCNT)).toBe(0);
    expect(bench.chip.counts.framesUnheard).toBe(2);
  });

  it('a damaged frame only without CRCEN, and then marked', () => {
    const bench = Bench.receiving();
    const damaged = frameOf(64);
    damaged[20]! ^= 1;
    bench.chip.frameArrived(damaged);
    expect(bench.get(Register.EPKTCNT)).toBe(0);
    expect(bench.chip.counts.framesBadCrc).toBe(1);
    bench.set(Register.ERXFCON, 0x80);
    bench.chip.frameArrived(damaged);
    expect(bench.takes().status[2]).toBe(0x50);
  });

  it('control frames only with PASSALL', () => {
    const bench = Bench.receiving();
    bench.set(Register.ERXFCON, 0);
    const pause = frameOf(64, [0x01, 0x80, 0xc2, 0x00, 0x00, 0x01], 0x8808);
    bench.chip.frameArrived(pause);
    expect(bench.get(Register.EPKTCNT)).toBe(0);
    bench.set(Register.MACON1, 0x0f);
    bench.chip.frameArrived(pause);
    expect(bench.get(Register.EPKTCNT)).toBe(1);
  });

  it('RXRST clears RXEN and leaves the packets alone', () => {
    const bench = Bench.receiving();
    bench.chip.frameArrived(frameOf(64));
    bench.setBits(Register.ECON1, Econ1.RXRST);
    expect(bench.get(Register.ECON1) & Econ1.RXEN).toBe(0);
    bench.clearBits(Register.ECON1, Econ1.RXRST);
    expect(bench.get(Register.EPKTCNT)).toBe(1);
    bench.setBits(Register.ECON1, Econ1.RXEN);
    bench.chip.frameArrived(frameOf(64));
    expect(bench.word(Register.ERXWRPTL)).toBe(140);
  });

  it('RXBUSY stands while a frame comes in, which is still taken after RXEN is cleared', () => {
    const bench = Bench.receiving();
    bench.chip.carrierSensed(50);
    bench.clearBits(Register.ECON1, Econ1.RXEN);
    expect(bench.get(Register.ESTAT) & 0x04).toBe(0x04);
    bench.clock.after(40, () => bench.chip.frameArrived(frameOf(64)));
    bench.clock.advance(60);
    expect(bench.get(Register.ESTAT) & 0x04).toBe(0);
    expect(bench.get(Register.EPKTCNT)).toBe(1);
  });
});
