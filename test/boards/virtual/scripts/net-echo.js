require('net').createServer(function (c) {
  print('server connect', c.available());
  c.on('data', function (d) { print('server data', d.length); c.write(d); });
  c.on('end', function () { print('server end'); });
  c.on('close', function (e) { print('server close', e); finish(); });
  c.on('drain', function () { print('server drain'); });
}).listen(7);
var client = require('net').connect({ host: '10.0.0.1', port: 7 }, function (c) {
  print('client connect', c === client);
  c.write('hello');
});
client.on('drain', function () { print('client drain'); });
client.on('data', function (d) {
  print('client data', d);
  if (d === 'hello') client.write('again');
  else client.end('bye');
});
client.on('end', function () { print('client end'); });
client.on('close', function (e) { print('client close', e); });
client.on('error', function (e) { print('client error', e.code, e.message); });
