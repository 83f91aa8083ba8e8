import { describe, expect, it } from 'vitest';
import { hashIndex } from '../../../../hal/mock/enc28j60/hash';
import { withFrameCheckSequence } from '../../../../hal/mock/fcs';
import { BROADCAST, Bench, Register, STATION, frameOf } from './bench';

const UCEN = 0x80;
const ANDOR = 0x40;
const PMEN = 0x10;
const MPEN = 0x08;
const HTEN = 0x04;
const MCEN = 0x02;
const BCEN = 0x01;
const OTHER = [0x02, 0x77, 0x77, 0x77, 0x77, 0x77];
const GROUP = [0x01, 0x00, 0x5e, 0x00, 0x00, 0x01];

function accepts(filter: number, frame: Uint8Array, prepare: (bench: Bench) => void = () => undefined): boolean {
  const bench = Bench.configured();
  bench.set(Register.ERXFCON, filter);
  prepare(bench);
  bench.setBits(Register.ECON1, 0x04);
  bench.chip.frameArrived(frame);
  return bench.get(Register.EPKTCNT) === 1;
}

describe('receive filters (1.8)', () => {
  it.each<[string, number, readonly number[], boolean]>([
    ['no filter takes everything', 0, OTHER, true],
    ['UCEN takes the station address', UCEN, STATION, true],
    ['UCEN leaves other addresses', UCEN, OTHER, false],
    ['UCEN leaves broadcast', UCEN, BROADCAST, false],
    ['BCEN takes broadcast', BCEN, BROADCAST, true],
    ['BCEN leaves multicast', BCEN, GROUP, false],
    ['MCEN takes multicast', MCEN, GROUP, true],
    ['MCEN takes broadcast, too', MCEN, BROADCAST, true],
    ['OR takes what one filter wants', UCEN | BCEN, BROADCAST, true],
    ['AND takes what all filters want', ANDOR | MCEN | BCEN, BROADCAST, true],
    ['AND leaves what one filter does not want', ANDOR | UCEN | BCEN, BROADCAST, false],
    ['the value after reset leaves multicast', 0xa1, GROUP, false],
  ])('%s', (_, filter, destination, wanted) => {
    expect(accepts(filter, frameOf(64, destination))).toBe(wanted);
  });

  it.each([
    ['01:00:5e:00:00:01', 63],
    ['01:00:5e:00:00:fb', 62],
    ['01:00:5e:7f:ff:fa', 28],
    ['33:33:00:00:00:01', 51],
    ['01:80:c2:00:00:00', 15],
    ['ff:ff:ff:ff:ff:ff', 62],
  ])('the hash of %s is %i', (address, index) => {
    expect(hashIndex(Uint8Array.from(address.split(':'), (octet) => parseInt(octet, 16)))).toBe(index);
  });

  it('HTEN takes an address whose bit is set, and no other', () => {
    const table = (bench: Bench) => bench.set(Register.EHT0 + 7, 0x80);
    expect(accepts(HTEN, frameOf(64, GROUP), table)).toBe(true);
    expect(accepts(HTEN, frameOf(64, [0x01, 0x00, 0x5e, 0x00, 0x00, 0xfb]), table)).toBe(false);
  });

  it('PMEN with the masks that Arduino drivers use takes ARP broadcasts only', () => {
    const arp = (bench: Bench) => {
      bench.set(Register.EPMM0, 0x3f);
      bench.set(Register.EPMM0 + 1, 0x30);
      bench.setWord(Register.EPMCSL, 0xf7f9);
    };
    expect(accepts(PMEN, frameOf(64, BROADCAST, 0x0806), arp)).toBe(true);
    expect(accepts(PMEN, frameOf(64, BROADCAST, 0x0800), arp)).toBe(false);
    expect(accepts(PMEN, frameOf(63, BROADCAST, 0x0806), arp)).toBe(false);
  });

  it("PMEN agrees with the data sheet's example of a source address", () => {
    const body = new Uint8Array(100);
    body.set([0x00, 0x04, 0xa3, 0xff, 0xff, 0xff], 6);
    const source = (bench: Bench) => {
      bench.set(Register.EPMM0, 0xc0);
      bench.set(Register.EPMM0 + 1, 0x0f);
      bench.setWord(Register.EPMCSL, 0x5bfc);
    };
    const moved = (bench: Bench) => {
      bench.setWord(Register.EPMOL, 6);
      bench.set(Register.EPMM0, 0x3f);
      bench.setWord(Register.EPMCSL, 0x5bfc);
    };
    expect(accepts(PMEN, withFrameCheckSequence(body), source)).toBe(true);
    expect(accepts(PMEN, withFrameCheckSequence(body), moved)).toBe(true);
    expect(accepts(PMEN, withFrameCheckSequence(body.slice(0, 60)), source)).toBe(true);
    expect(accepts(PMEN, withFrameCheckSequence(body.slice(0, 60)), moved)).toBe(false);
  });

  it('PMEN pads an odd number of octets with a zero, as in figure 8-3 of the data sheet', () => {
    const body = new Uint8Array(80);
    body.set([0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0x00, 0x5a, 0x09, 0x0a, 0x0b, 0x0c, 0x0d], 6);
    const figure = (bench: Bench) => {
      bench.setWord(Register.EPMOL, 6);
      bench.set(Register.EPMM0, 0x0a);
      bench.set(Register.EPMM0 + 1, 0x1f);
      bench.setWord(Register.EPMCSL, 0x563f);
    };
    expect(accepts(PMEN, withFrameCheckSequence(body), figure)).toBe(true);
  });

  it('MPEN takes a magic packet for this station', () => {
    const body = new Uint8Array(140);
    body.set(STATION);
    body.set([...BROADCAST, ...Array<number[]>(16).fill(STATION).flat()], 25);
    expect(accepts(MPEN, withFrameCheckSequence(body))).toBe(true);
    body[120]! ^= 1;
    expect(accepts(MPEN, withFrameCheckSequence(body))).toBe(false);
  });
});
