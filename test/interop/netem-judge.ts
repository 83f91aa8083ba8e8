import { execFile } from 'node:child_process';

/** A TCP segment as tshark reads it. */
export interface Seen {
  frame: number;
  ours: boolean;
  stream: number;
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
  'frame.number', 'eth.src', 'tcp.stream', 'tcp.flags', 'tcp.seq_raw', 'tcp.ack_raw', 'tcp.len', 'tcp.window_size', 'tcp.checksum.status',
  'ip.checksum.status', 'tcp.options.wscale.shift', 'tcp.options.sack_perm', 'tcp.options.sack_le', 'tcp.options.timestamp.tsval',
  '_ws.malformed', '_ws.expert.message', 'tcp.checksum', 'tcp.checksum_calculated', ...remarks.map((name) => `tcp.analysis.${name}`),
];

/** Lets tshark read the TCP segments of a capture. */
export async function segmentsOf(capture: string, ourMac: string): Promise<Seen[]> {
  const preferences = [
    'ip.check_checksum:TRUE', 'tcp.check_checksum:TRUE', 'tcp.relative_sequence_numbers:FALSE', 'tcp.desegment_tcp_streams:FALSE',
  ];
  // What the segments carry is nothing that Wireshark should know.
  const words = ['-r', capture, '-d', 'tcp.port==1-65535,data', ...preferences.flatMap((preference) => ['-o', preference])];
  const output = await new Promise<string>((resolve, reject) => {
    const columns = ['-Y', 'tcp', '-T', 'fields', ...fields.flatMap((field) => ['-e', field])];
    execFile('tshark', [...words, ...columns], { maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`tshark failed: ${stderr || error.message}`));
      else resolve(stdout);
    });
  });
  return output.split('\n').filter((row) => row !== '').map((row) => {
    const cells = row.split('\t');
    const [frame, mac, stream, flags, seq, ack, length, window, tcpStatus, ipStatus, scale, permitted, left, stamp] = cells;
    const [malformed, experts, checksum, calculated] = cells.slice(14);
    // The kernel may write the other zero of ones' complement, which every receiver takes and Wireshark calls bad.
    const otherZero = mac !== ourMac && checksum === '0xffff' && calculated === '0x0000';
    const bits = parseInt(flags!, 16);
    return {
      frame: Number(frame), ours: mac === ourMac, stream: Number(stream),
      syn: (bits & 2) !== 0, acks: (bits & 16) !== 0, fin: (bits & 1) !== 0, reset: (bits & 4) !== 0,
      seq: Number(seq) | 0, ack: Number(ack) | 0, length: Number(length), window: Number(window),
      goodChecksum: (tcpStatus === '1' || otherZero) && ipStatus === '1',
      windowScale: scale === '' ? undefined : Number(scale), sackPermitted: permitted !== '',
      sack: left === '' ? [] : left!.split(',').map((edge) => Number(edge) | 0), timestamps: stamp !== '',
      remarks: remarks.filter((_, at) => (cells[18 + at] ?? '') !== ''),
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
  /** A frame came spoiled: Wireshark takes it into account, the stack does not. */
  spoiled: boolean;
  /** The peer has said something again: what it asks again is answered again. */
  repeated: boolean;
  ourFin: number | undefined;
  /** Our FIN is acknowledged; the peer's has come. */
  finAcked: boolean;
  finHeard: boolean;
}

function strange(): Known {
  return {
    heard: undefined, acknowledged: undefined, edge: undefined, spoiled: false, repeated: false,
    ourFin: undefined, finAcked: false, finHeard: false,
  };
}

function beyond(a: number, b: number | undefined): boolean {
  return b !== undefined && ((a - b) | 0) > 0;
}

/** What the peer said, as far as it was heard: what came spoiled was not. */
function hear(s: Seen, k: Known): void {
  if (!s.goodChecksum) {
    k.spoiled = true;
    return;
  }
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
  if (!k.spoiled) found.push(...s.remarks.filter((remark) => (faultless && !k.repeated ? needless : inexcusable).has(remark)));
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
  const streams = new Map<number, Known>();
  return segments.flatMap((s) => {
    const known = streams.get(s.stream) ?? strange();
    streams.set(s.stream, known);
    if (s.ours) return wrongWith(s, known, faultless).map((what) => `frame ${s.frame}, stream ${s.stream}: ${what}`);
    hear(s, known);
    return [];
  }).slice(0, 5);
}
