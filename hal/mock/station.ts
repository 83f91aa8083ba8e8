/** What is plugged into an Ethernet cable: the simulated chip, a port with a software MAC, a capture. */
export interface Station {
  /**
   * A frame has arrived, whole, its four octets of frame check sequence included. The bytes belong to the caller and
   * are valid only during the call. Runs from inside `VirtualClock.advance`.
   */
  frameArrived(frame: Uint8Array): void;

  /** The cable has gained or lost its partner. */
  linkChanged(up: boolean): void;
}

/** A station's end of the cable. */
export interface Cable {
  /** True while something at the other end could hear. */
  readonly up: boolean;

  /**
   * Puts a frame on the wire, its frame check sequence included. It is copied before the call returns.
   * @returns microseconds until the last bit has left this station, the interframe gap not counted
   */
  transmit(frame: Uint8Array): number;
}
