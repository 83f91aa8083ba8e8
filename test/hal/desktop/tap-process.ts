// A process of its own for the TAP tests. Arguments: an interface name and, if it is to be configured, the host's address.
import { TapDevice } from '../../../hal/desktop/tap';
import { into } from '../into';

const [name, hostIp] = process.argv.slice(2);
const tap = new TapDevice({ name: name! });
tap.open();
tap.onReadable = () => {
  while (tap.receive(into(new Uint8Array(1514))) > 0);
};
if (hostIp !== undefined) tap.configure(hostIp);
process.stdout.write('ready\n');
process.stdin.on('data', (word) => {
  if (`${word}` === 'throw\n') throw new Error('as asked');
  process.stdin.destroy();
  void tap.close();
});
