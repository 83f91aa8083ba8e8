import type { App } from './app';

/** Seconds as hours, minutes and seconds. */
function duration(seconds: number): string {
  const minutes = (seconds / 60) | 0;
  const hours = (minutes / 60) | 0;
  return hours + ' h ' + (minutes % 60) + ' min ' + ((seconds | 0) % 60) + ' s';
}

/** A web page on port 80 that says where it comes from, and an echo service on port 7. */
const hello: App = (board, ethernet) => {
  const started = getTime();

  require('http')
    .createServer((request: any, response: any) => {
      if (request.url !== '/') {
        response.writeHead(404, { 'Content-Type': 'text/plain' });
        response.end('There is only / here.\n');
        return;
      }
      response.writeHead(200, { 'Content-Type': 'text/html' });
      response.write('<!DOCTYPE html><html><head><title>' + board.name + '</title></head><body>');
      response.write('<h1>Hello from ' + board.name + '</h1><table>');
      response.write('<tr><td>Address</td><td>' + ethernet.getIP().ip + '</td></tr>');
      response.write('<tr><td>Uptime</td><td>' + duration(getTime() - started) + '</td></tr>');
      response.write('<tr><td>Open connections</td><td>' + ethernet.connections + '</td></tr>');
      response.end('</table></body></html>\n');
    })
    .listen(80);

  require('net')
    .createServer((socket: any) => {
      socket.on('data', (data: string) => socket.write(data));
    })
    .listen(7);
};

export default hello;
