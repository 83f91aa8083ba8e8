import { eachOctet, octetsOf, textOf } from './bytes';
import type { Pins } from './pins';
import type { Realm, RealmObject } from './realm';
import type { SpiChip, Wiring } from './chip';

/** The hardware buses that any of the boards has. */
export const busNames = ['SPI1', 'SPI2', 'SPI3'] as const;

/**
 * Espruino's SPI objects. The chip hangs on one of them; on the others nobody answers, so their MISO floats high and
 * every octet reads 0xFF, as does the chip's own bus while its chip select is high.
 */
export class SpiBuses {
  constructor(
    private readonly realm: Realm, private readonly pins: Pins, private readonly chip: SpiChip, private readonly wiring: Wiring,
  ) {}

  install(global: RealmObject): void {
    for (const name of busNames) global[name] = this.bus(name === this.wiring.spi);
  }

  private bus(wired: boolean): RealmObject {
    const { realm, pins, chip } = this;
    const selected = (): boolean => wired && !pins.read(this.wiring.cs);
    const exchange = (octet: number): number => selected() ? chip.transfer(octet) & 0xff : 0xff;
    return realm.namespace({
      setup: () => undefined,
      send: (data: unknown, select?: unknown) => this.selecting(select, () => {
        if (typeof data === 'number') return exchange(data & 0xff);
        const sent = octetsOf(realm, data);
        if (typeof data === 'string') return textOf(sent.map(exchange));
        const received = realm.bytes(sent.length);
        for (let at = 0; at < sent.length; at++) received[at] = exchange(sent[at]!);
        return received;
      }),
      write: (...data: unknown[]) => {
        const select = pins.isPin(data[data.length - 1]) ? data.pop() : undefined;
        this.selecting(select, () => eachOctet(realm, data, exchange));
      },
    });
  }

  /** Holds the pin given low while `work` runs. */
  private selecting<T>(pin: unknown, work: () => T): T {
    if (pin === undefined) return work();
    const name = this.pins.nameOf(pin);
    this.pins.write(name, false);
    try {
      return work();
    } finally {
      this.pins.write(name, true);
    }
  }
}
