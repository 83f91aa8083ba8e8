// The 8 KB of buffer memory: how they are shared, and what the chip writes there beside frames.

/**
 * A received frame's header in buffer memory, by words of 16 bits: next packet pointer and status vector (data sheet,
 * table 7-3).
 */
export const enum Rsv {
  NEXT = 0, // address of the next header
  COUNT = 1, // octets of the frame, CRC included
  STATUS = 2, // status bits 31:16
  LENGTH = 6, // octets of the header
  OK = 0x0080, // in STATUS: received well, bit 23
  CRC_ERROR = 0x0010, // in STATUS: bit 20
  DRIBBLE = 0x0400, // in STATUS: a number of bits that makes no whole octets, bit 26
  CONTROL = 0x0800, // in STATUS: MAC control frame, bit 27; MACON1.PASSALL lets them in
  PAUSE = 0x1000, // in STATUS: of these a pause frame, bit 28
  UNKNOWN_OPCODE = 0x2000, // in STATUS: of these one that is not known, bit 29
  RESERVED = 0x800a, // in STATUS: bits 17, 19 and 31, always 0
  CHECKED = OK | CRC_ERROR | RESERVED | CONTROL, // in STATUS: equal OK in a good frame
}

/** The transmit status vector, seven octets that the chip writes behind ETXND (data sheet, table 7-1). */
export const enum Tsv {
  COLLISIONS = 2, // status bits 23:16
  ERRORS = 3, // status bits 31:24
  MORE = 6, // status bits 55:48
  LENGTH = 7,
  COUNT = 0x0f, // in COLLISIONS: bits 19:16
  DEFERRED = 0x04, // in ERRORS: bit 26
  EXCESSIVE_COLLISIONS = 0x10, // in ERRORS: bit 28
  LATE_COLLISION = 0x20, // in ERRORS: bit 29
  PAUSE = 0x02, // in MORE: bit 49
  DONE = 0x80, // in COLLISIONS: bit 23
}

/** Frame lengths in octets, from destination to CRC (IEEE 802.3, 4.4.2). */
export const enum Size {
  CRC = 4,
  ACCEPTED = 18, // what the chip lets through at least (data sheet, section 7.1): shorter frames are the host's to drop
  SHORTEST = 64,
  LONGEST = 1518,
  LONGEST_LOW = LONGEST & 0xff,
  LONGEST_HIGH = LONGEST >> 8,
}

/**
 * How the 8 KB of buffer memory are shared: receive ring, then a control octet, a frame and its status vector for
 * each frame to send. Two short ones fit the room of a long one, so that one is loaded while the other is on the wire.
 */
export const enum Memory {
  ERXST = 0x0000, // erratum 5: the receive buffer must start at 0000
  ERXND = 0x1a0b, // odd, so that ERXRDPT can be set to it (erratum 14): four frames of full size
  ETXST = 0x1a0c, // 1522 of the 1524 octets that are left for a frame of full size
  ETXST_OTHER = 0x1d0c,
  HALF = 748, // octets of a frame that leaves room for another one
  WHOLE = 1514, // the same where there are two places for frames of full size

  /** The same with room for two frames of full size to send, and three to receive. */
  TWO_ERXND = 0x13ff,
  TWO_ETXST = 0x1400,
  TWO_ETXST_OTHER = 0x1a00,

  // What leads from one place of a control octet to the other.
  OTHER = ETXST ^ ETXST_OTHER,
  TWO_OTHER = TWO_ETXST ^ TWO_ETXST_OTHER,
}
