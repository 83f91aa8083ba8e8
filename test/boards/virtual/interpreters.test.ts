import { expect, test } from 'vitest';
import { interpreterOf } from '../../../boards/virtual/interpreters';

test.each(['ESPRUINO', 'JERRY'] as const)('%s: what is missing is named, and what is something else', (variable) => {
  const binary = (path?: string) => () => interpreterOf(variable, { [variable]: path });
  expect(binary()).toThrow(`The environment variable ${variable} is not set: it names the binary of a`);
  expect(binary('')).toThrow('is not set');
  expect(binary('/nowhere')).toThrow(`${variable} names /nowhere, which is not a program that can be run.`);
  expect(binary('/bin/ls')).toThrow(/names \/bin\/ls, which does not answer as (Espruino|JerryScript) does\. It is to be a/);
});
