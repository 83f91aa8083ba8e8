/**
 * A bundle with its whole numbers in full, and `undefined` where fields of ours are set to null.
 * @param text one that tells null and undefined apart nowhere but in what it hands to callbacks, and in an app
 * @param own the names of the fields of our objects, which no other has
 */
export function plainValues(text: string, own: ReadonlySet<string>): string;
