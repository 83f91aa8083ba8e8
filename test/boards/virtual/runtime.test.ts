import { describe, expect, test } from 'vitest';
import { bootNode, expectedLines, runEspruino, scriptNames, scriptText } from './scripts';
import { noEngine, titled } from '../../tools';

const espruino = process.env['ESPRUINO'];

describe.each(scriptNames)('%s', (name) => {
  test('prints in Node what it printed in Espruino', () => {
    expect(bootNode(scriptText(name)).finish()).toEqual(expectedLines(name));
  });

  test.skipIf(noEngine)(titled('prints the same in Espruino now', noEngine), async () => {
    expect(await runEspruino(espruino!, scriptText(name))).toEqual(expectedLines(name));
  }, 30000);
});
