import { describe, expect, test } from 'vitest';
import { bootNode, expectedLines, runEspruino, scriptNames, scriptText } from './scripts';

const espruino = process.env['ESPRUINO'];

describe.each(scriptNames)('%s', (name) => {
  test('prints in Node what it printed in Espruino', () => {
    expect(bootNode(scriptText(name)).finish()).toEqual(expectedLines(name));
  });

  test.skipIf(!espruino)('prints the same in Espruino now', async () => {
    expect(await runEspruino(espruino!, scriptText(name))).toEqual(expectedLines(name));
  }, 30000);
});
