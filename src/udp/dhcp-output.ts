import { BROADCAST } from '../ip/address';
import { DEFAULT_SERVICE, Sent } from '../ip/ipv4';
import { put16, put32 } from '../wire/bytes';
import { distance } from '../wire/sequence';
import type { DhcpClient } from './dhcp';
import { COOKIE, Dhcp, DhcpState, MessageType, Option } from './dhcp-message';
import { UDP_DATA } from './udp';

const SERVER_PORT = 67;
export const CLIENT_PORT = 68;

/** What the server is asked for besides the address. */
const WANTED = (Option.netmask << 24) | (Option.router << 16) | (Option.nameServer << 8) | Option.timeServer;
/** A UDP and an IP header. */
const HEADERS = 28;
/** Octets of BOOTP's messages: some relays drop shorter ones. */
const LEAST = 300;

function addOption(frame: Uint8Array, at: number, code: Option, length: number, value: number): number {
  'cold';
  frame[at] = code;
  frame[at + 1] = length;
  for (let octet = 0; octet < length; octet++) frame[at + 2 + octet] = value >> (8 * (length - 1 - octet));
  return at + 2 + length;
}

function addHostName(frame: Uint8Array, at: number, name: string): number {
  'cold';
  if (name.length === 0) return at;
  frame[at] = Option.hostName;
  frame[at + 1] = name.length;
  for (let letter = 0; letter < name.length; letter++) frame[at + 2 + letter] = name.charCodeAt(letter);
  return at + 2 + name.length;
}

/** The options of RFC 2131 table 5. Returns where they end. */
function addOptions(dhcp: DhcpClient, frame: Uint8Array, type: MessageType, mac: Uint8Array): number {
  'cold';
  let end = addOption(frame, UDP_DATA + Dhcp.options, Option.messageType, 1, type);
  // Type 1 is Ethernet's.
  end = addOption(frame, end, Option.clientIdentifier, 7, 0);
  frame[end - 7] = 1;
  for (let octet = 0; octet < 6; octet++) frame[end - 6 + octet] = mac[octet];
  const chosen = dhcp.state === DhcpState.requesting || type === MessageType.decline;
  if (chosen || type === MessageType.release) end = addOption(frame, end, Option.server, 4, dhcp.server);
  if (chosen || dhcp.state === DhcpState.rebooting || (type === MessageType.discover && dhcp.address !== 0)) {
    end = addOption(frame, end, Option.requestedAddress, 4, dhcp.address);
  }
  if (type <= MessageType.request) {
    end = addOption(frame, end, Option.largestMessage, 2, frame.length - UDP_DATA + HEADERS);
    end = addOption(frame, end, Option.parameters, 4, WANTED);
    end = addHostName(frame, end, dhcp.hostName);
  }
  frame[end] = Option.end;
  return end + 1;
}

/** Builds and sends a message that fits the client's state. False: the transmitter is busy. */
export function sendDhcp(dhcp: DhcpClient, type: MessageType): boolean {
  'cold';
  const stack = dhcp.udp.stack;
  const frame = stack.link.frame;
  const mac = stack.link.mac.address;
  if (!stack.link.ready()) return false;
  const releases = type === MessageType.release;
  const holds = releases || ((dhcp.state === DhcpState.renewing || dhcp.state === DhcpState.rebinding) && type === MessageType.request);
  for (let at = 0; at < LEAST; at++) frame[UDP_DATA + at] = 0;
  put32(frame, UDP_DATA + Dhcp.operation, 0x01010600);
  put32(frame, UDP_DATA + Dhcp.xid, dhcp.xid);
  put16(frame, UDP_DATA + Dhcp.seconds, (distance(dhcp.started, stack.alarm.now) / 1000) | 0);
  if (holds) put32(frame, UDP_DATA + Dhcp.clientAddress, dhcp.address);
  // The flag for a broadcast: an answer to an address that we have not yet would not reach us.
  else frame[UDP_DATA + Dhcp.flags] = 0x80;
  for (let octet = 0; octet < 6; octet++) frame[UDP_DATA + Dhcp.clientHardware + octet] = mac[octet];
  put32(frame, UDP_DATA + Dhcp.cookie, COOKIE);
  const length = addOptions(dhcp, frame, type, mac) - UDP_DATA;
  const server = holds && dhcp.state !== DhcpState.rebinding ? dhcp.server : BROADCAST;
  const address = stack.ip.address;
  if (!holds) stack.ip.address = 0;
  const sent = dhcp.udp.sendFrame(CLIENT_PORT, server, SERVER_PORT, length < LEAST ? LEAST : length, DEFAULT_SERVICE);
  stack.ip.address = address;
  if (sent === Sent.yes) dhcp.counters.sent++;
  return sent !== Sent.busy;
}
