import { distance } from '../wire/sequence';
import type { Connection } from './connection';
import type { TcpHost } from './tcp';

// CUBIC (RFC 9438) in whole numbers: octets, and hundredths of a second. beta is 0.7, C is 0.4 segments/s^3.

/** Beyond 12.9 s the cube of the hundredths no longer fits 31 bits; the window has left its bounds long before. */
const LONGEST = 1290;

/** The largest number whose cube is not above `value`. */
function cubeRoot(value: number): number {
  'cold';
  let root = 0;
  for (let bit = 1024; bit > 0; bit >>= 1) {
    const next = root + bit;
    if (next * next * next <= value) root = next;
  }
  return root;
}

/** W_cubic at so many hundredths after K: equation 1. */
function cubicWindow(c: Connection, sinceK: number): number {
  'cold';
  const time = sinceK > LONGEST ? LONGEST : sinceK < -LONGEST ? -LONGEST : sinceK;
  // 0.4 * (time / 100)^3 segments.
  return c.wMax + (((((time * time * time) / 2500) | 0) * c.mss) / 1000 | 0);
}

/** A new epoch of growth begins: section 4.2. */
function startEpoch(c: Connection, now: number): void {
  'cold';
  c.epoch = now === 0 ? 1 : now;
  c.wEst = c.cwnd;
  c.cubicK = 0;
  if (c.cwnd >= c.wMax) c.wMax = c.cwnd;
  else c.cubicK = cubeRoot(((c.wMax - c.cwnd) / c.mss) * 2500000);
}

/** Congestion avoidance: sections 4.2 to 4.5. */
export function cubicAvoidance(tcp: TcpHost, c: Connection, acked: number): void {
  'cold';
  if (c.epoch === 0) startEpoch(c, tcp.alarm.now);
  const time = ((distance(c.epoch, tcp.alarm.now) / 10) | 0) - c.cubicK;
  // What Reno would have reached: by 3 * (1 - beta) / (1 + beta) = 0.53 segments a round trip, then by one.
  const share = (((acked * c.mss) / c.cwnd) | 0) + 1;
  c.wEst += c.wEst < c.wMax ? (share * 53 / 100 | 0) + 1 : share;
  if (cubicWindow(c, time) < c.wEst) {
    if (c.wEst > c.cwnd) c.cwnd = c.wEst;
    return;
  }
  let target = cubicWindow(c, time + ((c.srtt / 80) | 0));
  const most = c.cwnd + (c.cwnd >> 1);
  if (target > most) target = most;
  if (target > c.cwnd) c.cwnd += (((target - c.cwnd) * acked) / c.cwnd | 0) + 1;
}

/** The slow start threshold after a loss: sections 4.6 and 4.7. */
export function cubicReduction(c: Connection, flight: number): number {
  'cold';
  // Fast convergence: a flow that has not got back to where it was makes room for others.
  c.wMax = c.cwnd < c.wMax ? ((c.cwnd * 17) / 20) | 0 : c.cwnd;
  c.epoch = 0;
  return ((flight * 7) / 10) | 0;
}
