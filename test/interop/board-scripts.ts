import { boards } from '../../boards/index';
import { boardIp, boardMac, hostIp } from './kernel-lan';

/** What a user types to bring a board up with the module, and then `rest`. */
export function withModule(name: string, rest: string, more = ''): string {
  const board = boards[name]!;
  return `
    ${board.spi}.setup({ sck: new Pin('${board.sck}'), miso: new Pin('${board.miso}'), mosi: new Pin('${board.mosi}'), baud: ${board.baud} });
    var eth = require('ENC28J60').connect(${board.spi}, {
      cs: new Pin('${board.cs}'), irq: new Pin('${board.irq}'), rst: new Pin('${board.rst}'),
      ip: '${boardIp}', subnet: '255.255.255.0', gateway: '${hostIp}', mac: '${boardMac}', ${more}
    });
    ${rest}`;
}

/** Asks a web server, and prints what it answers. */
export function httpGet(port: number): string {
  return `
    require('http').get('http://${hostIp}:${port}/board?a=1', function (response) {
      var text = '';
      response.on('data', function (data) { text += data; });
      response.on('close', function () { print('http', response.statusCode, text); });
    }).on('error', function (error) { print('http error', error.code); });`;
}

/** Sends `count` lines to an echo server, closes when all are back, and prints how many octets came. */
export function netEcho(port: number, count: number): string {
  return `
    var heard = 0, bad = 0, line = 'abcdefghijklmnopqrstuvwxyz012345', left = ${count};
    var client = require('net').connect({ host: '${hostIp}', port: ${port} }, function () {
      function say() { if (left-- > 0) client.write(line); }
      client.on('drain', say);
      client.on('data', function (data) {
        for (var i = 0; i < data.length; i++) if (data[i] !== line[(heard + i) % line.length]) bad++;
        heard += data.length;
        if (heard >= ${count} * line.length) client.end();
      });
      client.on('close', function () { print('net', heard, bad); });
      say();
    });`;
}

/** The same to a port where nobody listens: prints the error. */
export function netRefused(port: number): string {
  return `
    require('net').connect({ host: '${hostIp}', port: ${port} }, function () { print('connected'); })
      .on('error', function (error) { print('refused', error.code); });`;
}
