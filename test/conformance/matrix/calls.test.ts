import { ConnectionStatus } from '../../../src/tcp/status';
import { PEER } from '../../src/peer';
import { table } from './machine';
import type { Happening } from './machine';

// The user calls of RFC 9293 sections 3.10.1 to 3.10.6. The last column is what the call returns. In CLOSED and LISTEN
// there is no connection to call: the object of one that is over stands for it.

const text = Uint8Array.from(Buffer.from('abc'));

table('passive OPEN of the port', ({ peer }) => {
  return peer.stack.listen(peer.stackPort, peer.app).port === peer.stackPort;
}, `
  CLOSED                              | LISTEN       | -                                           | -              | true
  LISTEN, SYN-RECEIVED/passive        | same         | -                                           | -              | error
  SYN-SENT                            | same         | -                                           | -              | true
  SYN-RECEIVED/active ... TIME-WAIT   | same         | -                                           | -              | true
`);

table('active OPEN between the same ends', ({ peer }) => {
  return peer.stack.connect(PEER, peer.port, peer.app, { localPort: peer.stackPort }) !== null;
}, `
  CLOSED, LISTEN                      | SYN-SENT     | <SEQ=ISS><CTL=SYN>                          | -              | true
  SYN-SENT ... TIME-WAIT              | same         | -                                           | -              | error
`);

table('SEND', ({ c }) => c.write(text, 0, 3), `
  CLOSED, LISTEN                      | same         | -                                           | -              | error
  SYN-SENT, SYN-RECEIVED              | same         | -                                           | -              | 3
  ESTABLISHED                         | same         | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK><DATA=abc> | -            | 3
  FIN-WAIT-1, FIN-WAIT-2              | same         | -                                           | -              | error
  CLOSE-WAIT                          | same         | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK><DATA=abc> | -            | 3
  CLOSING ... TIME-WAIT               | same         | -                                           | -              | error
`);

table('SEND with the URGENT flag', ({ c }) => c.writeUrgent(text, 0, 3), `
  CLOSED, LISTEN                      | same         | -                                           | -              | error
  SYN-SENT, SYN-RECEIVED              | same         | -                                           | -              | 3
  ESTABLISHED                         | same         | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK,URG><DATA=abc> | -        | 3
  FIN-WAIT-1, FIN-WAIT-2              | same         | -                                           | -              | error
  CLOSE-WAIT                          | same         | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK,URG><DATA=abc> | -        | 3
  CLOSING ... TIME-WAIT               | same         | -                                           | -              | error
`);

table('RECEIVE with nothing there', ({ c }) => c.read(new Uint8Array(3), 0, 3), `
  CLOSED ... TIME-WAIT                | same         | -                                           | -              | 0
`);

/** Text comes that the application does not read until it is asked to; with a FIN where the state allows none after. */
const withText = (then: Happening): Happening => (scene, segment) => {
  const { peer, v, c } = scene;
  peer.app.readable = () => undefined;
  peer.sends({ seq: v['RCV.NXT'], ack: v['SND.UNA'], data: 'abc' });
  peer.passes(300).hearsAll();
  segment['RCV.NXT'] = v['RCV.NXT'] + c.available;
  return then(scene, segment);
};

table('RECEIVE of text that is there', withText(({ c }) => c.read(new Uint8Array(2), 0, 2)), `
  CLOSED ... SYN-RECEIVED/active      | same         | -                                           | -              | 0
  ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2 | same         | -                                           | -              | 2
  CLOSE-WAIT ... TIME-WAIT            | same         | -                                           | -              | 0
`);

table('CLOSE of our side: end()', ({ c, listener, state }) => (state === 'LISTEN' ? listener!.close() : c.end()), `
  CLOSED                              | same         | -                                           | -              | undefined
  LISTEN                              | CLOSED       | -                                           | -              | undefined
  SYN-SENT                            | CLOSED       | -                                           | closed: normal | undefined
  SYN-RECEIVED                        | same         | -                                           | -              | undefined
  ESTABLISHED                         | FIN-WAIT-1   | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=FIN,ACK>     | -              | undefined
  FIN-WAIT-1, FIN-WAIT-2              | same         | -                                           | -              | undefined
  CLOSE-WAIT                          | LAST-ACK     | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=FIN,ACK>     | -              | undefined
  CLOSING ... TIME-WAIT               | same         | -                                           | -              | undefined
`);

// What is queued in SYN-RECEIVED waits until the connection is established (section 3.10.4).
table('CLOSE of our side, then ACK of all that was sent', ({ c, peer, v, state }, segment) => {
  if (!state.startsWith('SYN')) return;
  c.end();
  peer.sends({ seq: v['RCV.NXT'], ack: v['SND.NXT'] });
  segment['SEG.ACK'] = v['SND.NXT'];
}, `
  CLOSED, LISTEN                      | same         | -                                           | -
  SYN-SENT                            | CLOSED       | <SEQ=SEG.ACK><CTL=RST>                      | closed: normal
  SYN-RECEIVED                        | FIN-WAIT-1   | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=FIN,ACK>     | opened
  ESTABLISHED ... TIME-WAIT           | same         | -                                           | -
`);

table('CLOSE of both sides: close()', ({ c, listener, state }) => (state === 'LISTEN' ? listener!.close() : c.close()), `
  CLOSED                              | same         | -                                           | -              | undefined
  LISTEN                              | CLOSED       | -                                           | -              | undefined
  SYN-SENT                            | CLOSED       | -                                           | closed: normal | undefined
  SYN-RECEIVED                        | same         | -                                           | -              | undefined
  ESTABLISHED                         | FIN-WAIT-1   | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=FIN,ACK>     | -              | undefined
  FIN-WAIT-1, FIN-WAIT-2              | same         | -                                           | -              | undefined
  CLOSE-WAIT                          | LAST-ACK     | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=FIN,ACK>     | -              | undefined
  CLOSING ... TIME-WAIT               | same         | -                                           | -              | undefined
`);

table('CLOSE of both sides with text unread', withText(({ c }) => c.close()), `
  CLOSED, LISTEN                      | same         | -                                           | -              | undefined
  SYN-SENT                            | CLOSED       | -                                           | closed: normal | undefined
  SYN-RECEIVED                        | same         | -                                           | -              | undefined
  ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2 | CLOSED       | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=RST,ACK>     | closed: aborted | undefined
  CLOSE-WAIT                          | LAST-ACK     | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=FIN,ACK>     | -              | undefined
  CLOSING ... TIME-WAIT               | same         | -                                           | -              | undefined
`);

table('ABORT', ({ c, listener, state }) => (state === 'LISTEN' ? listener!.close() : c.abort()), `
  CLOSED                              | same         | -                                           | -              | undefined
  LISTEN                              | CLOSED       | -                                           | -              | undefined
  SYN-SENT                            | CLOSED       | -                                           | closed: aborted | undefined
  SYN-RECEIVED/passive                | LISTEN       | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=RST,ACK>     | -              | undefined
  SYN-RECEIVED/active                 | CLOSED       | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=RST,ACK>     | closed: aborted | undefined
  ESTABLISHED ... CLOSE-WAIT          | CLOSED       | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=RST,ACK>     | closed: aborted | undefined
  CLOSING, LAST-ACK                   | CLOSED       | -                                           | closed: aborted | undefined
  TIME-WAIT                           | same         | -                                           | -              | undefined
`);

// Of a port that listens the listener itself tells; TIME-WAIT holds no connection any more, and its table needs no calls.
table('STATUS', ({ c, listener, state }) => {
  if (state === 'LISTEN') return 'LISTEN ' + listener!.port;
  const into = new ConnectionStatus();
  c.status(into);
  return `${into.state} ${into.remotePort} ${into.sndNxt - into.sndUna}`;
}, `
  CLOSED                              | same         | -                                           | -              | CLOSED 0 0
  LISTEN                              | same         | -                                           | -              | LISTEN 80
  SYN-SENT                            | same         | -                                           | -              | SYN-SENT 4000 1
  SYN-RECEIVED                        | same         | -                                           | -              | SYN-RECEIVED 4000 1
  ESTABLISHED                         | same         | -                                           | -              | ESTABLISHED 4000 0
  FIN-WAIT-1                          | same         | -                                           | -              | FIN-WAIT-1 4000 1
  FIN-WAIT-2                          | same         | -                                           | -              | FIN-WAIT-2 4000 0
  CLOSE-WAIT                          | same         | -                                           | -              | CLOSE-WAIT 4000 0
  CLOSING                             | same         | -                                           | -              | CLOSING 4000 1
  LAST-ACK                            | same         | -                                           | -              | LAST-ACK 4000 1
  TIME-WAIT                           | same         | -                                           | -              | CLOSED .*
`);
