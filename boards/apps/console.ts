import type { App } from './app';

const PORT = 23;
/** Letters of the shortest password: who has it has the board. */
const SHORTEST = 8;
/** Wrong passwords in a row, from whomever, until nobody is let in for a while: twice as long each time. Milliseconds. */
const ATTEMPTS = 3;
const FIRST_LOCK = 60000;
const LONGEST_LOCK = 3600000;
/** Milliseconds that a visitor has to say the password. */
const LOGIN_TIME = 30000;
const LONGEST_LINE = 64;
/** "I echo, and want no go-aheads": a Telnet client then sends each key as it is pressed, and shows none itself (RFC 857, RFC 858). */
const GREETING = [255, 251, 1, 255, 251, 3];

const enum Key {
  backspace = 8,
  lineFeed = 10,
  enter = 13,
  erase = 127,
}

/** Where the text of a Telnet client stands between its commands (RFC 854). */
const enum Telnet {
  text = 0,
  /** Behind IAC. */
  command = 1,
  /** Before the option of WILL, WONT, DO and DONT. */
  option = 2,
  /** Between SB and SE. */
  negotiation = 3,
  negotiationCommand = 4,
}

/** Espruino's console on port 23, for one visitor at a time who knows the `password` of the board's configuration. */
const remoteConsole: App = () => {
  const password: unknown = (require('Storage').readJSON('ENC28J60.json', true) || {}).password;
  if (typeof password !== 'string' || password.length < SHORTEST) {
    throw new Error(
      'console: it gives the board away, so it needs a password of ' + SHORTEST + ' letters or more: ' +
        'require("Storage").writeJSON("ENC28J60.json", {password: "...", ...})',
    );
  }
  let visitor: any = null;
  let admitted = false;
  let before: any = null;
  let line = '';
  let failures = 0;
  let locked = false;
  let lock = FIRST_LOCK;
  let timer = 0;
  let telnet = Telnet.text;

  const print = (text: string): void => visitor.write(text);

  const plain = (data: string): string => {
    let text = '';
    for (let at = 0; at < data.length; at++) {
      const code = data.charCodeAt(at);
      if (telnet === Telnet.text) {
        if (code === 255) telnet = Telnet.command;
        else if (code !== 0) text += data[at];
      } else if (telnet === Telnet.command) {
        telnet = code === 250 ? Telnet.negotiation : code > 250 && code < 255 ? Telnet.option : Telnet.text;
      } else if (telnet === Telnet.negotiation) {
        if (code === 255) telnet = Telnet.negotiationCommand;
      } else {
        telnet = telnet === Telnet.negotiationCommand && code !== 240 ? Telnet.negotiation : Telnet.text;
      }
    }
    return text;
  };

  const admit = (): void => {
    clearTimeout(timer);
    admitted = true;
    failures = 0;
    lock = FIRST_LOCK;
    print('\r\n  Logged in.\r\n');
    before = (E as any).getConsole();
    (LoopbackA as any).on('data', print);
    (LoopbackB as any).setConsole();
  };

  const refuse = (): void => {
    failures++;
    if (failures < ATTEMPTS) {
      print('\r\n  Invalid password\r\npassword>');
      return;
    }
    failures = 0;
    locked = true;
    setTimeout(() => {
      locked = false;
    }, lock);
    lock = lock * 2 > LONGEST_LOCK ? LONGEST_LOCK : lock * 2;
    visitor.end('\r\n  Invalid password\r\n');
  };

  /** Takes the password's letters. What comes behind it is for the console. */
  const enter = (text: string): void => {
    for (let at = 0; at < text.length && visitor !== null && !locked; at++) {
      const code = text.charCodeAt(at);
      if (admitted) {
        (LoopbackA as any).write(text.substr(code === Key.lineFeed ? at + 1 : at));
        return;
      }
      if (code === Key.backspace || code === Key.erase) {
        line = line.substr(0, line.length - 1);
      } else if (code !== Key.enter && code !== Key.lineFeed) {
        if (line.length < LONGEST_LINE) line += text[at];
      } else if (line.length > 0) {
        const right = line === password;
        line = '';
        if (right) admit();
        else refuse();
      }
    }
  };

  const leave = (): void => {
    clearTimeout(timer);
    if (admitted) {
      (LoopbackA as any).removeListener('data', print);
      (E as any).setConsole(before);
    }
    visitor = null;
  };

  require('net')
    .createServer((socket: any) => {
      if (visitor !== null || locked) {
        socket.end(locked ? 'Locked after wrong passwords.\r\n' : 'Somebody else is here.\r\n');
        return;
      }
      visitor = socket;
      admitted = false;
      line = '';
      telnet = Telnet.text;
      timer = setTimeout(() => socket.end(), LOGIN_TIME);
      socket.on('data', (data: string) => {
        if (admitted) (LoopbackA as any).write(plain(data));
        else enter(plain(data));
      });
      socket.on('close', leave);
      print(String.fromCharCode.apply(null, GREETING) + 'password>');
    })
    .listen(PORT);
};

export default remoteConsole;
