import { execFile } from 'node:child_process';

const fields = [
  'frame.number', 'ip.checksum.status', 'tcp.checksum.status', 'icmp.checksum.status', '_ws.malformed', '_ws.expert.message',
];

/** What Wireshark holds against frames; the numbers in front are status 1 for a good checksum, 2 for one not there to check. */
function faultOf(row: string): string | undefined {
  const [number, ip, tcp, icmp, malformed, experts = ''] = row.split('\t');
  const bad = [
    ...[['IP', ip], ['TCP', tcp], ['ICMP', icmp]]
      .filter(([, status]) => (status ?? '').split(',').includes('0')).map(([name]) => `a bad ${name} checksum`),
    ...(malformed ? ['malformed'] : []),
    ...(/malformed|bogus|exceeds|bad checksum|truncated/i.test(experts) ? [experts] : []),
  ];
  return bad.length === 0 ? undefined : `frame ${number}: ${bad.join(', ')}`;
}

/**
 * Lets Wireshark judge frames of a capture.
 * @param which a display filter: `eth.src == 02:00:00:00:00:01`
 * @returns how many these are, and a line for each that has a bad checksum or is malformed
 */
export async function judge(capture: string, which: string): Promise<{ frames: number; faults: string[] }> {
  const words = [
    '-r', capture, '-o', 'ip.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE', '-Y', which,
    '-T', 'fields', ...fields.flatMap((field) => ['-e', field]),
  ];
  const output = await new Promise<string>((resolve, reject) => {
    execFile('tshark', words, { maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`tshark failed: ${stderr || error.message}`));
      else resolve(stdout);
    });
  });
  const rows = output.split('\n').filter((row) => row !== '');
  return { frames: rows.length, faults: rows.map(faultOf).filter((fault) => fault !== undefined) };
}
