import { execFile } from 'node:child_process';

/** A TCP segment as tshark reads it. */
export interface Seen {
  frame: number;
  ours: boolean;
  /** Our port and the peer's: no pair is used twice in a capture. */
  connection: string;
  syn: boolean;
  /** It acknowledges: all but a first SYN do. */
  acks: boolean;
  fin: boolean;
  reset: boolean;
  seq: number;
  ack: number;
  length: number;
  /** Octets, scaled as the SYNs agreed. */
  window: number;
  goodChecksum: boolean;
  /** Shift count, or undefined without the option. */
  windowScale: number | undefined;
  sackPermitted: boolean;
  /** Left edges of blocks. */
  sack: number[];
  timestamps: boolean;
  /** Wireshark's remarks: `retransmission`, `duplicate_ack`... */
  remarks: string[];
  /** Its warnings and errors. */
  experts: string;
}

const remarks = [
  'retransmission', 'fast_retransmission', 'spurious_retransmission', 'out_of_order', 'lost_segment', 'ack_lost_segment',
  'duplicate_ack', 'window_full', 'zero_window', 'zero_window_probe', 'window_update', 'keep_alive',
];

const fields = [
  'frame.number', 'eth.src', 'tcp.srcport', 'tcp.dstport', 'tcp.flags', 'tcp.seq_raw', 'tcp.ack_raw', 'tcp.len', 'tcp.window_size', 'tcp.checksum.status',
  'ip.checksum.status', 'tcp.options.wscale.shift', 'tcp.options.sack_perm', 'tcp.options.sack_le', 'tcp.options.timestamp.tsval',
  '_ws.malformed', '_ws.expert.message', ...remarks.map((name) => `tcp.analysis.${name}`),
];

const preferences = [
  'ip.check_checksum:TRUE', 'tcp.check_checksum:TRUE', 'tcp.relative_sequence_numbers:FALSE', 'tcp.desegment_tcp_streams:FALSE',
];

function tshark(capture: string, ...words: string[]): Promise<string> {
  // What the segments carry is nothing that Wireshark should know.
  const options = ['-r', capture, '-d', 'tcp.port==1-65535,data', ...preferences.flatMap((preference) => ['-o', preference])];
  return new Promise((resolve, reject) => {
    execFile('tshark', [...options, ...words], { maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`tshark failed: ${stderr || error.message}`));
      else resolve(stdout);
    });
  });
}

/**
 * Lets tshark read the TCP segments of a capture: all of ours, and what of the peer's came unspoiled. What the stack has to
 * ignore must not be in the capture when Wireshark follows the connections: a SYN whose sequence number was spoiled would be
 * the start of another one to it, a spoiled segment would have been heard.
 */
export async function segmentsOf(capture: string, ourMac: string): Promise<Seen[]> {
  // The kernel may write the other zero of ones' complement, which every receiver takes and Wireshark calls bad.
  const sound = 'ip.checksum.status == 1 and (tcp.checksum.status == 1 or (tcp.checksum == 0xffff and tcp.checksum_calculated == 0))';
  const heard = `${capture}.heard`;
  await tshark(capture, '-Y', `tcp and (eth.src == ${ourMac} or (${sound}))`, '-w', heard);
  const output = await tshark(heard, '-Y', 'tcp', '-T', 'fields', ...fields.flatMap((field) => ['-e', field]));
  return output.split('\n').filter((row) => row !== '').map((row) => {
    const cells = row.split('\t');
    const [frame, mac, source, destination, flags, seq, ack, length, window, tcpStatus, ipStatus, scale, permitted, left, stamp] = cells;
    const [malformed, experts] = cells.slice(15);
    const ours = mac === ourMac;
    const bits = parseInt(flags!, 16);
    return {
      frame: Number(frame), ours, connection: ours ? `${source}-${destination}` : `${destination}-${source}`,
      syn: (bits & 2) !== 0, acks: (bits & 16) !== 0, fin: (bits & 1) !== 0, reset: (bits & 4) !== 0,
      seq: Number(seq) | 0, ack: Number(ack) | 0, length: Number(length), window: Number(window),
      goodChecksum: tcpStatus === '1' && ipStatus === '1',
      windowScale: scale === '' ? undefined : Number(scale), sackPermitted: permitted !== '',
      sack: left === '' ? [] : left!.split(',').map((edge) => Number(edge) | 0), timestamps: stamp !== '',
      remarks: remarks.filter((_, at) => (cells[17 + at] ?? '') !== ''),
      experts: malformed === '' ? experts! : `malformed ${experts}`,
    };
  });
}

/** What nothing on the way explains: the capture was made at the stack, so it holds all that was sent and heard there. */
const inexcusable = new Set(['lost_segment', 'ack_lost_segment']);

/** What a way without faults leaves no reason for. */
const needless = new Set([
  ...inexcusable, 'retransmission', 'fast_retransmission', 'spurious_retransmission', 'out_of_order', 'duplicate_ack', 'keep_alive',
]);

/** What is known of a connection at a point of the capture; numbers are ends: one beyond the last octet. */
interface Known {
  /** The furthest that was heard from the peer, the furthest that it acknowledged, and the edge of the window that we offered. */
  heard: number | undefined;
  acknowledged: number | undefined;
  edge: number | undefined;
  /** The peer has said something again: what it asks again is answered again. */
  repeated: boolean;
  ourFin: number | undefined;
  /** Our FIN is acknowledged; the peer's has come. */
  finAcked: boolean;
  finHeard: boolean;
}

function strange(): Known {
  return {
    heard: undefined, acknowledged: undefined, edge: undefined, repeated: false,
    ourFin: undefined, finAcked: false, finHeard: false,
  };
}

function beyond(a: number, b: number | undefined): boolean {
  return b !== undefined && ((a - b) | 0) > 0;
}

function hear(s: Seen, k: Known): void {
  const end = (s.seq + s.length + (s.syn || s.fin ? 1 : 0)) | 0;
  // Of a segment outside the window, such as one that came before, the acknowledgment does not count either.
  const fresh = k.heard === undefined || beyond(end, k.heard) || (end === s.seq && s.seq === k.heard);
  const inWindow = k.edge === undefined || beyond(k.edge, s.seq);
  if (fresh && inWindow && s.acks && (k.acknowledged === undefined || beyond(s.ack, k.acknowledged))) k.acknowledged = s.ack;
  if (k.heard === undefined || beyond(end, k.heard)) k.heard = end;
  if (k.ourFin !== undefined && !beyond(k.ourFin, s.ack)) k.finAcked = true;
  if (s.fin) k.finHeard = true;
  if (s.remarks.some((remark) => /retransmission|keep_alive/.test(remark))) k.repeated = true;
}

/** What is wrong with a segment of ours. */
function wrongWith(s: Seen, k: Known, faultless: boolean): string[] {
  const found: string[] = [];
  if (!s.goodChecksum) found.push('a bad checksum');
  if (/malformed|bogus|exceeds|truncated|bad checksum/i.test(s.experts)) found.push(s.experts);
  found.push(...s.remarks.filter((remark) => (faultless && !k.repeated ? needless : inexcusable).has(remark)));
  if (s.length > 0 && k.acknowledged !== undefined && !beyond((s.seq + s.length) | 0, k.acknowledged)) found.push('sends what is acknowledged');
  // A late copy of the peer's, after the connection is over on our side, belongs to nothing any more (RFC 9293 section 3.10.7.1).
  if (s.reset && (faultless || !k.finAcked || !k.finHeard)) found.push('a reset');
  if (s.reset || s.syn) return found;
  if (k.heard !== undefined && beyond(s.ack, k.heard)) found.push(`acknowledges ${(s.ack - k.heard) | 0} octets that it has not heard`);
  if (s.sack.some((left) => !beyond(k.heard ?? left, left))) found.push('a SACK block of what it has not heard');
  const edge = (s.ack + s.window) | 0;
  // After the peer's FIN a window means nothing any more.
  if (k.edge !== undefined && beyond(k.edge, edge) && !k.finHeard) found.push(`shrinks its window by ${(k.edge - edge) | 0}`);
  else k.edge = edge;
  if (s.fin) k.ourFin = (s.seq + s.length + 1) | 0;
  return found;
}

/** A sentence for each thing that is wrong with what we sent; the first few. */
export function faultsOf(segments: readonly Seen[], faultless: boolean): string[] {
  const connections = new Map<string, Known>();
  return segments.flatMap((s) => {
    const known = connections.get(s.connection) ?? strange();
    connections.set(s.connection, known);
    if (s.ours) return wrongWith(s, known, faultless).map((what) => `segment ${s.frame}, ports ${s.connection}: ${what}`);
    hear(s, known);
    return [];
  }).slice(0, 5);
}
