import { describe, expect, it } from 'vitest';
import { Enc28j60 } from '../../../hal/enc28j60/driver';
import { FakeChip } from './fake-chip';

const ADDRESS = new Uint8Array([0x02, 0x00, 0x00, 0x12, 0x34, 0x56]);

function opening(change: (chip: FakeChip) => void): () => void {
  const chip = new FakeChip();
  change(chip);
  const driver = new Enc28j60(chip, { address: ADDRESS });
  return () => driver.open();
}

describe('the station address', () => {
  it('is refused at once when it cannot be one', () => {
    const making = (...octets: number[]) => () => new Enc28j60(new FakeChip(), { address: new Uint8Array(octets) });
    const sentence = (octets: string) => `ENC28J60: the address ${octets} is no station's: six octets, the first one even, not all 0.`;
    expect(making(2, 0, 0, 0, 1)).toThrow(sentence('2,0,0,0,1'));
    expect(making(2, 0, 0, 0, 1, 2, 3)).toThrow(sentence('2,0,0,0,1,2,3'));
    expect(making(0x33, 0x33, 0, 0, 0, 1)).toThrow(sentence('51,51,0,0,0,1'));
    expect(making(0xff, 0xff, 0xff, 0xff, 0xff, 0xff)).toThrow("is no station's");
    expect(making(0, 0, 0, 0, 0, 0)).toThrow(sentence('0,0,0,0,0,0'));
  });

  it('is copied', () => {
    const given = ADDRESS.slice();
    const driver = new Enc28j60(new FakeChip(), { address: given });
    given[5] = 0;
    expect(driver.address).toEqual(ADDRESS);
  });
});

describe('open', () => {
  it('accepts what answers like an ENC28J60', () => {
    expect(opening(() => {})).not.toThrow();
  });

  it('says that no chip answers, and whether the line is high or low', () => {
    expect(opening((chip) => { chip.garble = () => 0xff; })).toThrow('no chip answers, MISO reads 0xFF everywhere');
    expect(opening((chip) => { chip.garble = () => 0x00; })).toThrow('no chip answers, MISO reads 0x00 everywhere');
  });

  it('names the values of a chip that is another one', () => {
    expect(opening((chip) => { chip.revision = 0x51; })).toThrow('another chip: EREVID reads 0x51');
    expect(opening((chip) => { chip.phid1 = 0x0141; })).toThrow('another chip: PHID1 and PHID2 read 0x141 and 0x1400');
  });

  it('names the register, the pattern and the value when SPI is corrupt', () => {
    const garbled = (garble: (value: number) => number) => opening((chip) => { chip.garble = garble; });
    expect(garbled((value) => value & 0xfe)).toThrow('EDMASTL was written 0x55 and reads 0x54');
    expect(garbled((value) => value | 0x08)).toThrow('EDMASTL was written 0x55 and reads 0x5D');
    expect(garbled((value) => value | 0x04)).toThrow('EDMASTL was written 0xAA and reads 0xAE');
    expect(garbled(() => 0xfa)).toThrow('SPI is dead or corrupt');
  });

  it('finds a MAC register that cannot be written', () => {
    expect(opening((chip) => {
      const write = chip.write.bind(chip);
      chip.write = (opcode, value) => write(opcode, opcode === 0x4a && (chip.registers[0x1f] & 3) === 2 ? 0 : value);
    })).toThrow('MAMXFLL was written 0x55 and reads 0x0. Chip select must stay low for 210 ns');
  });

  it('finds buffer memory with an address line that is stuck', () => {
    expect(opening((chip) => {
      const write = chip.write.bind(chip);
      const stuck = (opcode: number) => opcode === 0x43 && (chip.registers[0x1f] & 3) === 0;
      chip.write = (opcode, value) => write(opcode, stuck(opcode) ? value & 0x0f : value);
    })).toThrow(/buffer memory at 0x[0-9A-F]+ was written 0x[0-9A-F]+ and reads 0x[0-9A-F]+/);
  });

  it('says that the clock does not start', () => {
    expect(opening((chip) => {
      const read = chip.read.bind(chip);
      chip.read = (opcode) => (opcode === 0x1d ? 0 : read(opcode));
    })).toThrow('ESTAT.CLKRDY stays 0');
  });

  it('leaves power save before SRC (erratum 19) and waits a millisecond behind it (erratum 2)', () => {
    const chip = new FakeChip();
    new Enc28j60(chip, { address: ADDRESS }).open();
    expect(chip.log.slice(0, 6)).toEqual(['RESET', 'wait 300', 'BFC 1E 20', 'wait 300', 'SRC 1F', 'wait 1000']);
  });

  it('may be called again after an error', () => {
    const chip = new FakeChip();
    const driver = new Enc28j60(chip, { address: ADDRESS });
    chip.garble = () => 0xff;
    expect(() => driver.open()).toThrow('no chip answers');
    chip.garble = (value) => value;
    driver.open();
    expect(chip.registers[0x1f] & 0x04).toBe(0x04);
  });
});
