// Types of the module ENC28J60 for TypeScript on Espruino: beside @types/espruino, whose `Pin` and `SPI` these are.

declare module 'ENC28J60' {
  /** Given to `connect` besides the bus. What is left out of the memory profile is as on the smallest boards. */
  export interface ConnectOptions {
    /** Chip select. */
    cs: Pin;
    /** The chip's INT pin; without it the chip is asked every few milliseconds. */
    irq?: Pin | undefined;
    /** The chip's RESET pin. */
    rst?: Pin | undefined;
    /** "02:00:00:12:34:56"; without it one is made of the board's serial number. */
    mac?: string | undefined;
    /** "192.168.1.20"; without it, or as "dhcp", a DHCP server is asked for one. */
    ip?: string | undefined;
    subnet?: string | undefined;
    gateway?: string | undefined;
    dns?: string | undefined;
    /** The name that a DHCP server is told: "espruino" if there is none. */
    hostname?: string | undefined;
    /** Both sides of the cable are set to full duplex by hand: the chip does not negotiate. */
    fullDuplex?: boolean | undefined;

    /** TCP connections at once; each takes both buffers. */
    connections?: number;
    /** Ports that can be listened to at once. */
    listeners?: number;
    /** Octets of received data that a connection holds, and of sent data until it is acknowledged. */
    receiveBuffer?: number;
    sendBuffer?: number;
    /** Octets of data in a segment, 88 to 1460. */
    mss?: number;
    /** Connections in TIME-WAIT that are remembered, and the maximum segment lifetime in milliseconds. */
    timeWait?: number;
    msl?: number;
    /** Neighbours whose hardware address is remembered, and octets kept of a packet that waits for one. */
    neighbours?: number;
    pendingPacket?: number;
  }

  export interface IpInfo {
    ip: string;
    subnet: string;
    gateway: string;
    dns: string;
    /** Cannot be changed. */
    mac: string;
  }

  export interface Status {
    state: 'online' | 'disconnect';
    id: 'ENC28J60';
    phylink: 'up' | 'down';
    phypowmode: 'normal';
    /** Mbit/s. */
    speed: number;
    /** 1: full. */
    duplex: number;
    /** Another host has the address that the board was given: it has none, and looks now and then whether it is free. */
    conflict: boolean;
  }

  export interface ConnectionStats {
    /** As RFC 9293 spells it. */
    state: string;
    localPort: number;
    /** "192.168.1.1:4000" */
    remote: string;
    /** Round trip and retransmission timeout, milliseconds. */
    srtt: number;
    rto: number;
    /** Octets that wait to be acknowledged, and to be read. */
    sendQueued: number;
    available: number;
  }

  /** Counts since the start, which wrap at 2^32; those of protocols under the names of RFC 4293 and RFC 4022. */
  export interface Stats {
    mac: Record<string, number>;
    arp: Record<string, number>;
    ip: Record<string, number>;
    icmp: Record<string, number>;
    tcp: Record<string, number>;
    /** Of the services that are in use. */
    udp?: Record<string, number>;
    dns?: Record<string, number>;
    dhcp?: Record<string, number>;
    mdns?: Record<string, number>;
    sntp?: Record<string, number>;
    connections: ConnectionStats[];
  }

  /** The network device, with the methods that Espruino's `WIZnet` has. Each also gives its result to a callback. */
  export interface Ethernet {
    /** Open connections. */
    readonly connections: number;
    getIP(callback?: (error: string | null, info: IpInfo) => void): IpInfo;
    /** Takes what is given and leaves the rest. Without options, or with the ip "dhcp", a DHCP server is asked. */
    setIP(options?: Partial<IpInfo>, callback?: (error: string | null) => void): boolean;
    getHostname(callback?: (error: string | null, name: string) => void): string;
    setHostname(name: string, callback?: (error: string | null) => void): boolean;
    /**
     * Sets Espruino's clock by an NTP server from now on, the one that DHCP names unless another is given by its name or
     * address; false ends that. `zone`: hours from UTC. The callback is told when the clock is right for the first time.
     */
    setSNTP(server?: string | false, zone?: number, callback?: (error: string | null) => void): void;
    /** Lets others on the network find a web server of the board at `port`, usually 80, by DNS-SD; 0: there is none. */
    advertise(port: number): void;
    getStatus(callback?: (error: string | null, status: Status) => void): Status;
    stats(): Stats;
    /** Ends all connections and lets go of the chip. `connect` may be called again then. */
    disconnect(callback?: (error: null) => void): void;
  }

  /**
   * Starts the chip and makes it the network of `net`, `http`, `dgram` and `tls`.
   * @param spi a bus that was set up: mode 0, 8 to 20 MHz
   * @throws Error with a sentence when an option is wrong or the chip does not answer as it should
   */
  export function connect(spi: SPI, options: ConnectOptions): Ethernet;
}
