import { get16, get32, put16, put32 } from '../wire/bytes';
import { copyAddress, Ethernet, EtherType } from './ethernet';

/** Offsets in a frame that carries ARP for IPv4 over Ethernet (RFC 826), from the start of the frame. */
export const enum Arp {
  hardware = 14, // 2 octets, 1: Ethernet
  protocol = 16, // 2 octets, 0x0800: IPv4
  lengths = 18, // 2 octets, 6 and 4
  operation = 20, // 2 octets
  senderHardware = 22, // 6 octets
  sender = 28, // 4 octets
  targetHardware = 32, // 6 octets
  target = 38, // 4 octets
  end = 42,
}

export const enum Operation {
  request = 1,
  reply = 2,
}

/** The frame is long enough, speaks of IPv4 over Ethernet, and asks or answers. */
export function isWellFormed(frame: Uint8Array, length: number): boolean {
  'cold';
  return (
    length >= Arp.end &&
    get16(frame, Arp.hardware) === 1 &&
    get16(frame, Arp.protocol) === EtherType.ipv4 &&
    get16(frame, Arp.lengths) === 0x0604 &&
    (get16(frame, Arp.operation) - 1) >>> 1 === 0
  );
}

/** The sender is a station, and another one: the network may reflect what we send. */
export function isFromAnother(frame: Uint8Array, ownHardware: Uint8Array): boolean {
  'cold';
  let same = 0;
  while (same < 6 && frame[Arp.senderHardware + same] === ownHardware[same]) same++;
  return same < 6 && (frame[Arp.senderHardware] & 1) === 0 && frame[Arp.sender] < 224;
}

/** Writes a request for the hardware address of `target`, from us; the frame's destination stands already. */
export function writeRequest(frame: Uint8Array, ownHardware: Uint8Array, ownAddress: number, target: number): void {
  'cold';
  copyAddress(ownHardware, 0, frame, Ethernet.source);
  put16(frame, Ethernet.type, EtherType.arp);
  put16(frame, Arp.hardware, 1);
  put16(frame, Arp.protocol, EtherType.ipv4);
  put16(frame, Arp.lengths, 0x0604);
  put16(frame, Arp.operation, Operation.request);
  copyAddress(ownHardware, 0, frame, Arp.senderHardware);
  put32(frame, Arp.sender, ownAddress);
  put32(frame, Arp.target, target);
}

/** Turns a request for our address into the reply to it, in place. */
export function turnIntoReply(frame: Uint8Array, ownHardware: Uint8Array, ownAddress: number): void {
  'cold';
  put16(frame, Arp.operation, Operation.reply);
  const asker = get32(frame, Arp.sender);
  copyAddress(frame, Arp.senderHardware, frame, Arp.targetHardware);
  copyAddress(ownHardware, 0, frame, Arp.senderHardware);
  put32(frame, Arp.sender, ownAddress);
  put32(frame, Arp.target, asker);
  copyAddress(frame, Arp.targetHardware, frame, Ethernet.destination);
  copyAddress(ownHardware, 0, frame, Ethernet.source);
}
