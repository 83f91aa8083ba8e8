/** @throws Error that names the text when it is not six octets such as "02:00:00:12:34:56" */
export function parseMac(text: string): Uint8Array {
  'cold';
  const parts = ('' + text).toLowerCase().split(':');
  const digits = '0123456789abcdef';
  const octets = new Uint8Array(6);
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at];
    const high = part.length === 2 ? digits.indexOf(part[0]) : -1;
    const low = part.length === 2 ? digits.indexOf(part[1]) : -1;
    if (high < 0 || low < 0 || at > 5) throw notAMac(text);
    octets[at] = (high << 4) | low;
  }
  if (parts.length !== 6) throw notAMac(text);
  return octets;
}

function notAMac(text: string): Error {
  'cold';
  return new Error('mac: "' + text + '" is not six octets such as 02:00:00:12:34:56');
}

/** The text of an address, as `WIZnet` writes it. */
export function formatMac(octets: Uint8Array): string {
  'cold';
  let text = '';
  for (let at = 0; at < 6; at++) {
    if (at > 0) text += ':';
    text += (octets[at] >> 4).toString(16) + (octets[at] & 15).toString(16);
  }
  return text;
}

/** A locally administered address (second bit of the first octet) that follows from the board's serial number. */
export function macFromSerial(serial: string): Uint8Array {
  'cold';
  const octets = new Uint8Array(6);
  for (let at = 0; at < serial.length; at++) {
    const place = at % 5;
    octets[1 + place] = (octets[1 + place] * 31 + serial.charCodeAt(at)) & 255;
  }
  octets[0] = 2;
  return octets;
}
