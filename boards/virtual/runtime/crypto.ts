import { createHash } from 'node:crypto';
import type { Realm, RealmObject } from './realm';

/** `require("crypto")`: the hashes, of which each answers with an ArrayBuffer. */
export function makeCrypto(realm: Realm): RealmObject {
  const hash = (name: string) => (message: unknown): ArrayBuffer => {
    const octets = typeof message === 'string' ? Buffer.from(message, 'latin1') : (message as Uint8Array);
    const digest = createHash(name).update(octets).digest();
    const result = realm.bytes(digest.length);
    result.set(digest);
    return result.buffer as ArrayBuffer;
  };
  return realm.namespace({
    SHA1: hash('sha1'), SHA224: hash('sha224'), SHA256: hash('sha256'), SHA384: hash('sha384'), SHA512: hash('sha512'),
  });
}
