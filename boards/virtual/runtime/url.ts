import type { Realm, RealmObject } from './realm';

/**
 * Espruino's `url.parse`: the parts of a URL in the shape that `http.get` takes. A part that is not there is null, the
 * path at least "/".
 */
export function parseUrl(realm: Realm, text: string, parseQuery: boolean): RealmObject {
  const match = /^(?:([^/?]*:)\/\/|\/\/)?([^/?]*)([^]*)$/.exec(text)!;
  const absolute = match[1] !== undefined;
  const authority = absolute ? match[2]! : '';
  const path = absolute ? match[3]! : text;
  const [host = '', port = ''] = authority.split(':');
  const question = path.indexOf('?');
  const query = question < 0 ? null : path.slice(question + 1);
  const number = parseInt(port, 10);
  return realm.object({
    ...(absolute ? { protocol: match[1] } : {}),
    method: 'GET',
    host,
    path: path || '/',
    pathname: (question < 0 ? path : path.slice(0, question)) || '/',
    search: question < 0 ? null : path.slice(question),
    port: number > 0 && number <= 65535 ? number : null,
    query: parseQuery && query !== null ? queryObject(realm, query) : query,
  });
}

function queryObject(realm: Realm, query: string): RealmObject {
  const result = realm.object();
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    const [key, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    if (pair !== '' && pair !== '=') result[decode(key)] = decode(value);
  }
  return result;
}

function decode(text: string): string {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}
