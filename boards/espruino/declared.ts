import { connect } from './enc28j60';
import type { ConnectOptions, Ethernet } from './enc28j60';

// Nothing of this is flashed: it holds the declarations for users (boards/ENC28J60.d.ts) to what there is.

type Options = import('ENC28J60').ConnectOptions;
type Device = import('ENC28J60').Ethernet;

/** Each option that is declared is taken. */
export const options: { [name in keyof Options]-?: name extends keyof ConnectOptions ? true : never } = {
  cs: true, irq: true, rst: true, mac: true, ip: true, subnet: true, gateway: true, dns: true, hostname: true, fullDuplex: true,
  connections: true, listeners: true, receiveBuffer: true, sendBuffer: true, mss: true, timeWait: true, msl: true, neighbours: true,
  pendingPacket: true,
};

/** Each method that is declared is there. */
export const methods: { [name in keyof Device]: name extends keyof Ethernet ? true : never } = {
  connections: true, getIP: true, setIP: true, getHostname: true, setHostname: true, setSNTP: true, advertise: true,
  getStatus: true, stats: true, disconnect: true,
};

/** What `connect` returns can do what is declared, but for results that are declared more closely than they are made. */
export const device = (made: ReturnType<typeof connect>): Omit<Device, 'getStatus' | 'stats'> => made;
