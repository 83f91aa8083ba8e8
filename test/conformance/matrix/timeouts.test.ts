import { table } from './machine';
import type { Scene } from './machine';

// The timeouts of RFC 9293 section 3.10.8, and those of the sections that it takes up: RFC 6298's retransmission, 3.8.6.1's
// probes, 3.8.6.3's delayed acknowledgment, 3.8.4's keep-alive, and the wait of a side that its application has left.

/** What the application writes waits for its acknowledgment, in a state in which it can. */
function writes({ c, peer, state }: Scene): void {
  if (state !== 'ESTABLISHED' && state !== 'CLOSE-WAIT') return;
  c.write(Uint8Array.from(Buffer.from('abc')), 0, 3);
  peer.hearsAll();
}

table('retransmission, nothing but SYN and FIN being unacknowledged', ({ peer }) => void peer.passes(1000), `
  CLOSED, LISTEN                      | same         | -                                             | -
  SYN-SENT                            | same         | <SEQ=ISS><CTL=SYN>                            | -
  SYN-RECEIVED                        | same         | <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>           | -
  ESTABLISHED                         | same         | -                                             | -
  FIN-WAIT-1                          | same         | <SEQ=SND.UNA><ACK=RCV.NXT><CTL=FIN,ACK>       | -
  FIN-WAIT-2, CLOSE-WAIT              | same         | -                                             | -
  CLOSING, LAST-ACK                   | same         | <SEQ=SND.UNA><ACK=RCV.NXT><CTL=FIN,ACK>       | -
  TIME-WAIT                           | same         | -                                             | -
`);

table('retransmission of text', (scene) => {
  writes(scene);
  scene.peer.passes(1000);
}, `
  CLOSED, LISTEN                      | same         | -                                             | -
  SYN-SENT                            | same         | <SEQ=ISS><CTL=SYN>                            | -
  SYN-RECEIVED                        | same         | <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>           | -
  ESTABLISHED, CLOSE-WAIT             | same         | <SEQ=SND.UNA><ACK=RCV.NXT><CTL=ACK><DATA=abc> | -
  FIN-WAIT-1                          | same         | <SEQ=SND.UNA><ACK=RCV.NXT><CTL=FIN,ACK>       | -
  FIN-WAIT-2                          | same         | -                                             | -
  CLOSING, LAST-ACK                   | same         | <SEQ=SND.UNA><ACK=RCV.NXT><CTL=FIN,ACK>       | -
  TIME-WAIT                           | same         | -                                             | -
`);

table('retransmission of text and a FIN behind it', (scene) => {
  writes(scene);
  if (scene.state === 'ESTABLISHED' || scene.state === 'CLOSE-WAIT') scene.c.end();
  scene.peer.poll();
  scene.peer.hearsAll();
  scene.peer.passes(1000);
}, `
  CLOSED, LISTEN                      | same         | -                                                 | -
  SYN-SENT                            | same         | <SEQ=ISS><CTL=SYN>                                | -
  SYN-RECEIVED                        | same         | <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>               | -
  ESTABLISHED                         | FIN-WAIT-1   | <SEQ=SND.UNA><ACK=RCV.NXT><CTL=FIN,ACK><DATA=abc> | -
  CLOSE-WAIT                          | LAST-ACK     | <SEQ=SND.UNA><ACK=RCV.NXT><CTL=FIN,ACK><DATA=abc> | -
  FIN-WAIT-1                          | same         | <SEQ=SND.UNA><ACK=RCV.NXT><CTL=FIN,ACK>           | -
  FIN-WAIT-2                          | same         | -                                                 | -
  CLOSING, LAST-ACK                   | same         | <SEQ=SND.UNA><ACK=RCV.NXT><CTL=FIN,ACK>           | -
  TIME-WAIT                           | same         | -                                                 | -
`);

table('retransmission for the last time: R2', (scene) => {
  writes(scene);
  scene.peer.passes(600_000);
}, `
  CLOSED, LISTEN                      | same         | -                                             | -
  SYN-SENT                            | CLOSED       | *                                             | closed: timed out
  SYN-RECEIVED/passive                | LISTEN       | *                                             | -
  SYN-RECEIVED/active                 | CLOSED       | *                                             | closed: timed out
  ESTABLISHED, FIN-WAIT-1             | CLOSED       | *                                             | closed: timed out
  FIN-WAIT-2                          | same         | -                                             | -
  CLOSE-WAIT ... LAST-ACK             | CLOSED       | *                                             | closed: timed out
  TIME-WAIT                           | CLOSED       | -                                             | -
`);

table('persist: the window of the peer stays closed', (scene) => {
  const { peer, v, state } = scene;
  if (state === 'ESTABLISHED' || state === 'CLOSE-WAIT') peer.sends({ seq: v['RCV.NXT'], ack: v['SND.NXT'], wnd: 0 });
  writes(scene);
  if (state === 'ESTABLISHED' || state === 'CLOSE-WAIT') peer.passes(1000);
}, `
  CLOSED ... SYN-RECEIVED/active      | same         | -                                             | -
  ESTABLISHED, CLOSE-WAIT             | same         | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK><DATA=a>   | -
  FIN-WAIT-1, FIN-WAIT-2              | same         | -                                             | -
  CLOSING ... TIME-WAIT               | same         | -                                             | -
`);

table('persist: the window closes over text and a FIN that wait', (scene) => {
  const { peer, v, state, c } = scene;
  if (state !== 'ESTABLISHED' && state !== 'CLOSE-WAIT') return;
  peer.sends({ seq: v['RCV.NXT'], ack: v['SND.NXT'], wnd: 0 });
  writes(scene);
  c.end();
  peer.passes(3000);
}, `
  CLOSED ... SYN-RECEIVED/active      | same         | -                                             | -
  ESTABLISHED                         | FIN-WAIT-1   | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK><DATA=a> <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK><DATA=a> | -
  CLOSE-WAIT                          | LAST-ACK     | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK><DATA=a> <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK><DATA=a> | -
  FIN-WAIT-1, FIN-WAIT-2              | same         | -                                             | -
  CLOSING ... TIME-WAIT               | same         | -                                             | -
`);

table('delayed acknowledgment', ({ peer, v, state }) => {
  const takesText = ['ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2'].includes(state);
  if (takesText) peer.sends({ seq: v['RCV.NXT'], ack: v['SND.UNA'], data: 'abc' }).expectsNothing();
  peer.passes(499);
}, `
  CLOSED ... SYN-RECEIVED/active      | same         | -                                             | -
  ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2 | same         | <SEQ=SND.NXT><ACK=RCV.NXT+3><CTL=ACK>         | text
  CLOSE-WAIT ... TIME-WAIT            | same         | -                                             | -
`);

table('keep-alive, first probe', ({ c, peer }) => {
  c.setKeepAlive(true, 900, 100, 2);
  peer.passes(999);
}, `
  CLOSED ... SYN-RECEIVED/active      | same         | -                                             | -
  ESTABLISHED                         | same         | <SEQ=SND.NXT-1><ACK=RCV.NXT><CTL=ACK>         | -
  FIN-WAIT-1                          | same         | -                                             | -
  FIN-WAIT-2, CLOSE-WAIT              | same         | <SEQ=SND.NXT-1><ACK=RCV.NXT><CTL=ACK>         | -
  CLOSING ... TIME-WAIT               | same         | -                                             | -
`);

table('keep-alive, after the last probe', ({ c, peer, state }) => {
  c.setKeepAlive(true, 300, 300, 2);
  peer.passes(600);
  if (['ESTABLISHED', 'FIN-WAIT-2', 'CLOSE-WAIT'].includes(state)) peer.hearsAll();
  peer.passes(399);
}, `
  CLOSED ... SYN-RECEIVED/active      | same         | -                                             | -
  ESTABLISHED                         | CLOSED       | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=RST,ACK>       | closed: timed out
  FIN-WAIT-1                          | same         | -                                             | -
  FIN-WAIT-2, CLOSE-WAIT              | CLOSED       | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=RST,ACK>       | closed: timed out
  CLOSING ... TIME-WAIT               | same         | -                                             | -
`);

table('user timeout, something being unacknowledged', (scene) => {
  scene.c.setUserTimeout(20_000);
  writes(scene);
  scene.peer.passes(45_000);
}, `
  CLOSED, LISTEN                      | same         | -                                             | -
  SYN-SENT                            | CLOSED       | *                                             | closed: timed out
  SYN-RECEIVED/passive                | LISTEN       | *                                             | -
  SYN-RECEIVED/active                 | CLOSED       | *                                             | closed: timed out
  ESTABLISHED, FIN-WAIT-1             | CLOSED       | *                                             | closed: timed out
  FIN-WAIT-2                          | same         | -                                             | -
  CLOSE-WAIT ... LAST-ACK             | CLOSED       | *                                             | closed: timed out
  TIME-WAIT                           | same         | -                                             | -
`);

table('user timeout, everything being acknowledged', ({ c, peer, state }) => {
  c.setUserTimeout(20_000);
  if (['ESTABLISHED', 'FIN-WAIT-2', 'CLOSE-WAIT', 'TIME-WAIT', 'CLOSED', 'LISTEN'].includes(state)) peer.passes(45_000);
}, `
  CLOSED ... TIME-WAIT                | same         | -                                             | -
`);

table('2 MSL', ({ peer }) => void peer.passes(201), `
  CLOSED ... LAST-ACK                 | same         | -                                             | -
  TIME-WAIT                           | CLOSED       | -                                             | -
`, { msl: 100 });

table('2 MSL after the peer\'s FIN came again', ({ peer, v, state }) => {
  peer.passes(150);
  if (state === 'TIME-WAIT') peer.sends({ flags: 'FIN ACK', seq: v['RCV.NXT'] - 1, ack: v['SND.NXT'] });
  peer.passes(150);
}, `
  CLOSED ... LAST-ACK                 | same         | -                                             | -
  TIME-WAIT                           | same         | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>           | -
`, { msl: 100 });

table('orphan: the application has closed both sides and the peer does not', ({ peer, c, state }) => {
  if (state === 'CLOSED' || state === 'LISTEN' || state.startsWith('SYN')) return;
  c.close();
  if (state === 'ESTABLISHED') peer.expects({ flags: 'FIN ACK' }).sends({});
  if (state === 'FIN-WAIT-2' || state === 'ESTABLISHED') peer.passes(61_000);
}, `
  CLOSED ... SYN-RECEIVED/active      | same         | -                                             | -
  ESTABLISHED                         | CLOSED       | <SEQ=SND.NXT+1><ACK=RCV.NXT><CTL=RST,ACK>     | closed: timed out
  FIN-WAIT-1                          | same         | -                                             | -
  FIN-WAIT-2                          | CLOSED       | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=RST,ACK>       | closed: timed out
  CLOSE-WAIT                          | LAST-ACK     | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=FIN,ACK>       | -
  CLOSING, LAST-ACK                   | same         | -                                             | -
  TIME-WAIT                           | same         | -                                             | -
`);
