import type { Enc28j60 } from '../../hal/enc28j60/driver';
import { formatAddress } from '../../src/ip/address';
import type { Stack } from '../../src/stack';
import { ConnectionStatus } from '../../src/tcp/status';
import { State } from '../../src/tcp/states';
import type { DhcpClient } from '../../src/udp/dhcp';
import type { DnsResolver } from '../../src/udp/dns';
import type { MdnsResponder } from '../../src/udp/mdns';
import type { SntpClient } from '../../src/udp/sntp';
import type { UdpHost } from '../../src/udp/udp';

/**
 * What `Ethernet.stats` returns: counts since the start, which wrap at 2^32, those of protocols under the names of RFC
 * 4293 and RFC 4022, and the connections. Names in quotes and none in a type: the build shortens those of the stack.
 */
export function statsOf(stack: Stack, driver: Enc28j60): Record<string, object> {
  'cold';
  const mac = driver.counters;
  const arp = stack.arp.counters;
  const ip = stack.ip.counters;
  const icmp = stack.icmp.counters;
  const tcp = stack.tcp.counters;
  const connections: object[] = [];
  const status = new ConnectionStatus();
  for (let slot = 0; slot < stack.tcp.connections.length; slot++) {
    const c = stack.tcp.connections[slot];
    if (c.state !== State.CLOSED) {
      c.status(status);
      connections.push({
        'state': status.state,
        'localPort': status.localPort,
        'remote': formatAddress(status.remoteAddress) + ':' + status.remotePort,
        'srtt': status.srtt,
        'rto': status.rto,
        'sendQueued': status.sendQueued,
        'available': status.available,
      });
    }
  }
  return {
    'mac': {
      'rxFrames': mac.rxFrames, 'rxErrors': mac.rxErrors, 'rxOversize': mac.rxOversize, 'rxOverflows': mac.rxOverflows,
      'txFrames': mac.txFrames, 'txErrors': mac.txErrors, 'recoveries': mac.recoveries,
    },
    'arp': {
      'requestsIn': arp.requestsIn, 'repliesIn': arp.repliesIn, 'requestsOut': arp.requestsOut, 'repliesOut': arp.repliesOut,
      'malformed': arp.malformed, 'sourceErrors': arp.sourceErrors, 'unsolicited': arp.unsolicited,
      'conflicts': arp.conflicts, 'pendingDropped': arp.pendingDropped,
    },
    'ip': {
      'inReceives': ip.inReceives, 'inHdrErrors': ip.inHdrErrors, 'inAddrErrors': ip.inAddrErrors, 'inDelivers': ip.inDelivers,
      'inUnknownProtos': ip.inUnknownProtos, 'outRequests': ip.outRequests, 'outNoRoutes': ip.outNoRoutes,
    },
    'icmp': { 'inMsgs': icmp.inMsgs, 'inErrors': icmp.inErrors, 'inEchos': icmp.inEchos, 'outEchoReps': icmp.outEchoReps },
    'tcp': {
      'activeOpens': tcp.activeOpens, 'passiveOpens': tcp.passiveOpens, 'attemptFails': tcp.attemptFails,
      'estabResets': tcp.estabResets, 'inSegs': tcp.inSegs, 'outSegs': tcp.outSegs, 'retransSegs': tcp.retransSegs,
      'inErrs': tcp.inErrs, 'outRsts': tcp.outRsts, 'listenOverflows': tcp.listenOverflows, 'outOfOrder': tcp.outOfOrder,
    },
    'connections': connections,
  };
}

// What the services add to `stats`, each when it is in use: those of UDP under the names of RFC 4113.

export function addUdp(stats: Record<string, object>, udp: UdpHost): void {
  'cold';
  const all = udp.counters;
  stats['udp'] = {
    'inDatagrams': all.inDatagrams, 'noPorts': all.noPorts, 'inErrors': all.inErrors, 'outDatagrams': all.outDatagrams,
  };
}

export function addDns(stats: Record<string, object>, dns: DnsResolver): void {
  'cold';
  const all = dns.counters;
  stats['dns'] = {
    'queries': all.queries, 'received': all.received, 'rejected': all.rejected, 'remembered': all.remembered, 'streams': all.streams,
  };
}

export function addDhcp(stats: Record<string, object>, dhcp: DhcpClient): void {
  'cold';
  const all = dhcp.counters;
  stats['dhcp'] = {
    'sent': all.sent, 'received': all.received, 'ignored': all.ignored, 'naks': all.naks, 'declines': all.declines,
  };
}

export function addMdns(stats: Record<string, object>, mdns: MdnsResponder): void {
  'cold';
  stats['mdns'] = { 'received': mdns.received, 'rejected': mdns.rejected, 'conflicts': mdns.conflicts };
}

export function addSntp(stats: Record<string, object>, sntp: SntpClient): void {
  'cold';
  const all = sntp.counters;
  stats['sntp'] = {
    'sent': all.sent, 'received': all.received, 'rejected': all.rejected, 'unsynchronized': all.unsynchronized, 'kisses': all.kisses,
  };
}
