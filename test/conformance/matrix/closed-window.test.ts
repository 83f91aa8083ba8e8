import type { Template } from '../../src/peer';
import { noise } from '../../src/lan';
import { urgentFrame } from '../raw';
import { table } from './machine';
import type { Happening, Scene, Variables } from './machine';

// SEGMENT ARRIVES (RFC 9293 section 3.10.7.4) while RCV.WND is 0: the application has not read what fills the ring. Only
// ACK, RST and URG count then (section 3.4, MUST-66). The other states have no window, or no peer that could fill it.

const STATES = ['ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2'];

function fill({ peer, v }: Scene): void {
  peer.app.readable = () => undefined;
  for (let n = 0; n < 4; n++) peer.sends({ seq: v['RCV.NXT'] + n * 536, ack: v['SND.UNA'], data: noise(536) });
  v['RCV.NXT'] += 4 * 536;
  peer.passes(300).hearsAll();
}

const full = (then: Happening): Happening => (scene, segment) => {
  fill(scene);
  segment['RCV.NXT'] = scene.v['RCV.NXT'];
  return then(scene, segment);
};

function closed(title: string, template: (v: Variables) => Template & { seq: number }, text: string): void {
  table(title, full(({ peer, v }) => void peer.sends(template(v))), text, {}, STATES);
}

closed('ACK of all that was sent, SEG.SEQ = RCV.NXT', (v) => ({ seq: v['RCV.NXT'], ack: v['SND.NXT'] }), `
  ESTABLISHED, FIN-WAIT-2             | same        | -                                       | -
  FIN-WAIT-1                          | FIN-WAIT-2  | -                                       | -
`);

closed('text in order, a probe: its ACK counts, its text does not', (v) => ({ seq: v['RCV.NXT'], ack: v['SND.NXT'], data: 'a' }), `
  ESTABLISHED, FIN-WAIT-2             | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
  FIN-WAIT-1                          | FIN-WAIT-2  | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
`);

closed('FIN,ACK of all that was sent, SEG.SEQ = RCV.NXT', (v) => ({ flags: 'FIN ACK', seq: v['RCV.NXT'], ack: v['SND.NXT'] }), `
  ESTABLISHED, FIN-WAIT-2             | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
  FIN-WAIT-1                          | FIN-WAIT-2  | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
`);

closed('ACK behind the window', (v) => ({ seq: v['RCV.NXT'] + 1, ack: v['SND.NXT'] }), `
  ESTABLISHED ... FIN-WAIT-2          | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
`);

closed('text that was had already', (v) => ({ seq: v['RCV.NXT'] - 3, ack: v['SND.UNA'], data: 'abc' }), `
  ESTABLISHED ... FIN-WAIT-2          | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
`);

closed('RST, SEG.SEQ = RCV.NXT', (v) => ({ flags: 'RST', seq: v['RCV.NXT'] }), `
  ESTABLISHED ... FIN-WAIT-2          | CLOSED      | -                                       | closed: reset
`);

closed('RST with text, SEG.SEQ = RCV.NXT', (v) => ({ flags: 'RST', seq: v['RCV.NXT'], data: 'abc' }), `
  ESTABLISHED ... FIN-WAIT-2          | CLOSED      | -                                       | closed: reset
`);

closed('RST behind the window', (v) => ({ flags: 'RST', seq: v['RCV.NXT'] + 1 }), `
  ESTABLISHED ... FIN-WAIT-2          | same        | -                                       | -
`);

closed('SYN, SEG.SEQ = RCV.NXT', (v) => ({ flags: 'SYN', seq: v['RCV.NXT'] }), `
  ESTABLISHED ... FIN-WAIT-2          | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
`);

closed('text without ACK', (v) => ({ flags: '', seq: v['RCV.NXT'], data: 'abc' }), `
  ESTABLISHED ... FIN-WAIT-2          | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -
`);

table('URG,ACK with text, SEG.UP = 3', full(({ peer, v }) => {
  peer.arrives(urgentFrame(peer, { seq: v['RCV.NXT'], ack: v['SND.UNA'], data: 'abc' }, 3));
}), `
  ESTABLISHED ... FIN-WAIT-2          | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | urgent
`, {}, STATES);

table('RECEIVE of half of what is there: the window opens', full(({ c }) => c.read(new Uint8Array(1072), 0, 1072)), `
  ESTABLISHED ... FIN-WAIT-2          | same        | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>     | -              | 1072
`, {}, STATES);

table('RECEIVE of a few octets: it does not', full(({ c }) => c.read(new Uint8Array(100), 0, 100)), `
  ESTABLISHED ... FIN-WAIT-2          | same        | -                                       | -              | 100
`, {}, STATES);
