import { FCS_LENGTH, appendFrameCheckSequence, frameCheckSequenceGood } from '../mock/fcs';
import type { Frame } from '../hal';
import type { Station } from '../mock/station';
import type { Wire, WireCable } from '../mock/wire';
import { LONGEST_FRAME, SHORTEST_FRAME } from '../mock/wire-port';
import type { RealTime } from './real-time';
import type { TapDevice } from './tap';

export interface TapBridgeOptions {
  /** What moves the wire's clock; it is kicked when a frame comes from outside. Without it somebody else has to. */
  realTime?: RealTime;
}

/**
 * Joins a TAP device to a wire: the host's kernel becomes a station on it, under the interface's name. Frames go to the
 * wire one by one at the wire's speed; those behind wait in the kernel's own queue, which drops what is too much.
 */
export class TapBridge implements Station {
  /** Frames that came from the wire with a bad check sequence or length, or that the kernel did not take. */
  dropped = 0;

  private readonly cable: WireCable;
  private readonly frame = new Uint8Array(LONGEST_FRAME + FCS_LENGTH);
  private readonly place: Frame = {
    size: LONGEST_FRAME, octets: this.frame, words: new Int32Array(0), memory: this.frame.buffer, start: 0,
  };
  /** True while a frame of ours is on its way out. */
  private sending = false;
  private closed = false;

  /** @param tap is opened here, and made promiscuous */
  constructor(private readonly tap: TapDevice, private readonly wire: Wire, options: TapBridgeOptions = {}) {
    const { realTime } = options;
    tap.open();
    tap.promiscuous = true;
    this.cable = wire.attach(this, tap.name);
    tap.setCarrier(this.cable.up);
    tap.onReadable = realTime ? () => realTime.kick(this.forward) : this.forward;
  }

  /** Leaves the wire and closes the device. @returns settles when the interface has gone */
  close(): Promise<void> {
    this.closed = true;
    this.tap.onReadable = undefined;
    this.wire.detach(this);
    return this.tap.close();
  }

  frameArrived(frame: Uint8Array): void {
    const length = frame.length - FCS_LENGTH;
    const good = length >= SHORTEST_FRAME && length <= LONGEST_FRAME && frameCheckSequenceGood(frame);
    if (!good || !this.tap.send(frame, length)) this.dropped++;
  }

  linkChanged(up: boolean): void {
    this.tap.setCarrier(up);
  }

  private readonly forward = (): void => {
    if (this.sending || this.closed) return;
    const length = this.tap.receive(this.place);
    if (length === 0) return;
    const padded = Math.max(length, SHORTEST_FRAME);
    this.frame.fill(0, length, padded);
    const whole = appendFrameCheckSequence(this.frame, padded);
    const microseconds = this.cable.transmit(this.frame.subarray(0, whole));
    this.sending = true;
    this.wire.clock.after(microseconds, this.sent);
  };

  private readonly sent = (): void => {
    this.sending = false;
    this.forward();
  };
}
