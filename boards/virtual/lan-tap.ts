import { TapBridge } from '../../hal/desktop/tap-bridge';
import { TapDevice } from '../../hal/desktop/tap';
import type { RealTime } from '../../hal/desktop/real-time';
import type { Wire } from '../../hal/mock/wire';
import type { Lan } from './lan';
import { commandFor } from './served';

export interface TapLanOptions {
  wire: Wire;
  realTime: RealTime;
  /** The network interface that is made: `enc0`. */
  interfaceName: string;
  /** The board's address as text, for the lines to try; undefined when it is not known yet. */
  boardIp: string | undefined;
  /** Ports that the board serves, for the same. */
  ports: readonly number[];
  /** The host's address on the interface with its prefix: `10.77.0.1/24`. */
  hostIp: string;
  /** Told when the interface has been taken away. */
  lost: (error: Error) => void;
}

/** The LAN that is a network interface of this machine: its own kernel talks to the board. Needs root. */
export class TapLan implements Lan {
  readonly name: string;
  private bridge: TapBridge | undefined;

  /** @throws RangeError when the interface's name is none */
  constructor(private readonly options: TapLanOptions) {
    this.name = `tap:${options.interfaceName}`;
  }

  async open(): Promise<void> {
    const { wire, realTime, interfaceName, hostIp, lost } = this.options;
    const tap = new TapDevice({ name: interfaceName });
    tap.onLost = lost;
    this.bridge = new TapBridge(tap, wire, { realTime });
    try {
      tap.configure(hostIp);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.bridge?.close();
    this.bridge = undefined;
  }

  lines(): string[] {
    const { boardIp, ports } = this.options;
    return boardIp === undefined ? [] : [`ping ${boardIp}`, ...ports.map((port) => commandFor(boardIp, port, port))];
  }
}
