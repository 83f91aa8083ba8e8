import type { EspruinoPin } from '../../hal/espruino';
import { isBuilt } from '../../src/features';
import { small } from '../profiles';
import type { ConnectOptions } from './enc28j60';

/** What to throw when something is asked for that was switched off in the memory profile of the board the file was built for. */
export function leftOut(what: string): Error {
  'cold';
  return new Error('This file was built without ' + what);
}

/** @throws Error that names the text when it cannot be the name of a host */
export function checkedName(name: string): string {
  'cold';
  const text = '' + name;
  let good = text.length > 0 && text.length < 60 && text[0] !== '-' && text[text.length - 1] !== '-';
  for (let at = 0; at < text.length; at++) {
    if ('abcdefghijklmnopqrstuvwxyz0123456789-'.indexOf(text[at].toLowerCase()) < 0) good = false;
  }
  if (!good) throw new Error('hostname: "' + text + '" is not 1 to 59 letters, digits and hyphens');
  return text;
}

/** @throws Error that names the option when it is given and not a pin */
export function checkedPin(name: string, pin: EspruinoPin | null | undefined): EspruinoPin | undefined {
  'cold';
  if (pin === undefined || pin === null) return undefined;
  if (!pin.write) throw new Error(name + ': ' + pin + ' is not a pin: write it without quotes, as in ' + name + ': A4');
  return pin;
}

/**
 * The memory profile that is asked for; what is not said is as in the smallest.
 * @throws Error that names an option that there is not, or that this file was built without
 */
export function profileOf(options: ConnectOptions): any {
  'cold';
  const smallest: any = small();
  const profile: any = {};
  let names = ' cs irq rst mac ip subnet gateway dns hostname fullDuplex ';
  for (const name in smallest) {
    const value = (options as any)[name];
    if (value === true && !isBuilt(name)) throw leftOut(name);
    profile[name] = value !== undefined ? value : isBuilt(name) ? smallest[name] : false;
    names += name + ' ';
  }
  for (const name in options) {
    if (names.indexOf(' ' + name + ' ') < 0) throw new Error('connect: there is no option "' + name + '"; there are' + names);
  }
  return profile;
}
