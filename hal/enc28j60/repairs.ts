/** What the driver has put right, and why: an index into `Enc28j60.repairs`. */
export const enum Repair {
  REGISTERS, // registers did not hold what they had been given: supply, RESET or bus were disturbed
  CHAIN, // a header in the receive ring made no sense
  POINTERS, // EPKTCNT and ERXWRPT disagreed
  OVERFLOW, // nothing came any more after the receive ring had been full
  SILENCE, // nothing came although frames had been sent that ask for an answer
  TRANSMITTER, // a transmission never ended
  LATE_COLLISION, // a frame was sent again
  INTERRUPT, // frames waited, and INT was high
  REQUEST, // `recover` was called
  COUNT,
}

/** Takes part in each frame to count what most boards do not want to know, as `Statistics` does. */
export interface FrameStatistics {
  /** A transmission has ended with this status vector, seven octets (data sheet, table 7-1). */
  frameSent(vector: Uint8Array): void;

  /** A frame was dropped. `status` is bits 31:16 of its status vector (table 7-3), `count` its octets with the CRC. */
  frameDropped(status: number, count: number): void;
}
